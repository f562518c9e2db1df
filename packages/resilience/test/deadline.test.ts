import { describe, expect, test } from '@jest/globals';
import { withDeadline } from '@plaza/resilience';
import { fail, fixture, succeed } from './fixture.ts';

const options = (milliseconds: number) => ({ name: 'there', metrics: fixture().metrics, milliseconds });

describe('a deadline', () => {
  test('hands on what ends in time', async () => {
    await expect(withDeadline(options(1_000), succeed)).resolves.toBe('fine');
    await expect(withDeadline(options(1_000), fail)).rejects.toThrow('broken');
  });

  test('does not wait for what does not, and aborts it', async () => {
    let seen: AbortSignal | undefined;
    const endless = withDeadline(options(20), (signal) => {
      seen = signal;
      return new Promise(() => undefined);
    });
    await expect(endless).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: 'there did not answer within 20 ms.',
    });
    expect(seen?.aborted).toBe(true);
  });
});
