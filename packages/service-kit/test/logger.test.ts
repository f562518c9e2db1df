import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { logEvent } from '@plaza/errors';
import { createLogger, withContext } from '@plaza/service-kit';
import { eventually } from '@plaza/local-stack/testing';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaza-logger-'));
});
afterAll(() => rm(folder, { recursive: true }));

const happened = logEvent({
  event: 'something_happened',
  level: 'info',
  message: 'Something happened',
  fields: { answer: 'a number', body: 'of a request', headers: 'of a request' },
});
const broke = logEvent({
  event: 'something_broke',
  level: 'error',
  message: 'Something broke',
  fields: { error: 'why' },
});

/** What the logger writes to its file, parsed line by line. */
async function linesOf(file: string, write: (logger: ReturnType<typeof createLogger>) => void) {
  const path = join(folder, file);
  write(createLogger({ service: 'example', version: '1.2.3', level: 'info', format: 'json', file: path }));
  return eventually(async () => {
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    return lines.map((line): unknown => JSON.parse(line));
  });
}

/** The line that a process of its own prints, and its exit status. */
async function printedBy(script: string): Promise<{ code: unknown; line: unknown }> {
  const options = `{ service: 'example', version: '1.2.3', level: 'info', format: 'json' }`;
  const lines = [
    `import { createLogger } from '@plaza/service-kit';`,
    `const logger = createLogger(${options});`,
    script,
  ];
  const flags = ['--conditions=source', '--input-type=module', '--eval', lines.join('\n')];
  const child = spawn(process.execPath, flags, {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { code, line: JSON.parse(printed) };
}

describe('the log', () => {
  test('is JSON with level, timestamp, service and version', async () => {
    const [line] = await linesOf('fields.log', (logger) => logger.info(happened, { answer: 42 }));
    expect(line).toEqual({
      level: 'info',
      event: 'something_happened',
      message: 'Something happened',
      answer: 42,
      service: 'example',
      version: '1.2.3',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  test('has no passwords, tokens or Authorization headers', async () => {
    const [line] = await linesOf('secrets.log', (logger) =>
      logger.info(happened, {
        body: { password: 'hunter2' },
        headers: { authorization: 'Bearer abcdefghijkl' },
      }),
    );
    expect(line).toMatchObject({
      body: { password: '[redacted]' },
      headers: { authorization: '[redacted]' },
    });
  });

  test('has the stack of an error', async () => {
    const [line] = await linesOf('stack.log', (logger) => logger.error(broke, { error: new Error('why') }));
    expect(line).toMatchObject({
      error: { message: 'why' },
      stack: expect.stringContaining('logger.test.ts'),
    });
  });

  test('has the id of the request that it was written for, and who is signed in', async () => {
    const [line] = await linesOf('context.log', (logger) =>
      withContext({ requestId: 'r-1', userId: 'u-1' }, () => logger.info(happened)),
    );
    expect(line).toMatchObject({ requestId: 'r-1', userId: 'u-1' });
  });

  test('takes the secrets out of the lines of requests, and has their context', async () => {
    const { line } = await printedBy(
      `logger.access({ url: '/?token=hunter2' }, { requestId: 'r-1', userId: 'u-1' })({ event: 'response_sent', message: 'response' }, { status: 200 });`,
    );
    expect(line).toEqual({
      level: 'info',
      event: 'response_sent',
      message: 'response',
      url: '/?token=[redacted]',
      status: 200,
      requestId: 'r-1',
      userId: 'u-1',
      service: 'example',
      version: '1.2.3',
      timestamp: expect.any(String),
    });
  });

  test.each([
    ['exits', 'process.exit(3)', 3],
    ['dies of an exception', 'throw new Error("defect")', 1],
    ['is done', '', 0],
  ])('has its last lines when the process %s', async (_how, end, code) => {
    const printed = await printedBy(`logger.info({ event: 'said_last', message: 'last words' }); ${end}`);
    expect(printed).toMatchObject({ code, line: { message: 'last words' } });
  });

  test('leaves out what is below its level', async () => {
    const lines = await linesOf('level.log', (logger) => {
      logger.debug({ ...happened, level: 'debug', event: 'not_this' });
      logger.info(happened);
    });
    expect(lines).toEqual([expect.objectContaining({ event: 'something_happened' })]);
  });
});
