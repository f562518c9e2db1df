import { describe, expect, test } from '@jest/globals';
import { createTimeoutPolicy } from '@plaza/resilience';
import { fail, fixture, succeed } from './fixture.ts';

function deadline(milliseconds: number) {
  const { metrics, exposed } = fixture();
  return { exposed, ...createTimeoutPolicy({ name: 'there', metrics, timeoutMs: milliseconds }) };
}

describe('a deadline', () => {
  test('hands on what ends in time', async () => {
    await expect(deadline(1_000).run(succeed)).resolves.toBe('fine');
    await expect(deadline(1_000).run(fail)).rejects.toThrow('broken');
  });

  test('does not wait for what does not, aborts it, and says so', async () => {
    let seen: AbortSignal | undefined;
    const { run, onTimeout, exposed } = deadline(20);
    const late: number[] = [];
    onTimeout((milliseconds) => late.push(milliseconds));
    const endless = run((signal) => {
      seen = signal;
      return new Promise(() => undefined);
    });
    await expect(endless).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: 'there did not answer within 20 ms.',
    });
    expect(seen?.aborted).toBe(true);
    expect(late).toEqual([20]);
    expect(await exposed()).toMatch(/resilience_rejected_total\{name="there",reason="late".*\} 1/);
  });
});
