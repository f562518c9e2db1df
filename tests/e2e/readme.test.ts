import { beforeAll, describe, expect, test } from '@jest/globals';
import { startStack, type Stack } from '@plaza/local-stack/testing';
import { diffOutput, extractCommands, runCommands } from './readme-runner.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 180_000);

describe.each(['README.md'])('the commands of %s', (page) => {
  test('print the output on the page, word for word', async () => {
    const steps = await extractCommands(page);
    expect(steps.length).toBeGreaterThanOrEqual(5);
    const answers = await runCommands(steps, stack.gateway.url);
    expect(
      steps.flatMap((step, index) => diffOutput(answers[index], step.answer, `step ${index + 1}: $`)),
    ).toEqual([]);
  });
});
