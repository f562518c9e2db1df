import { expect, test } from '@jest/globals';
import { bodyDuration, duration, formatDuration } from '../src/http/consul/durations.ts';

test.each([
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['1.5s', 1_500],
  ['100ms', 100],
  ['2h45m', 9_900_000],
  ['1500us', 1.5],
  ['0s', 0],
])('%s is a duration, as in Go', (text, ms) => {
  expect(duration.parse(text)).toBe(ms);
});

test.each(['', '30', 's', '-1s', '1d', '1s ', 'soon', '1s1', '9999999h', '1s'.repeat(40)])(
  '%s is none',
  (text) => {
    expect(duration.safeParse(text).success).toBe(false);
  },
);

test('a body may have an empty text for none, and a number of nanoseconds', () => {
  expect(bodyDuration.parse('')).toBe(0);
  expect(bodyDuration.parse(10_000_000_000)).toBe(10_000);
  expect(bodyDuration.safeParse(-1).success).toBe(false);
  expect(bodyDuration.safeParse(1e30).success).toBe(false);
});

test.each([
  [0, '0s'],
  [250, '250ms'],
  [10_000, '10s'],
  [90_000, '1m30s'],
  [3_600_000, '1h0m0s'],
  [1_500, '1.5s'],
])('%d milliseconds are formatted as in Go: %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
