import { describe, expect, test } from '@jest/globals';
import { parseLimits } from '../../src/plugins/rate-limiting/parse-limits.ts';

describe('a limit', () => {
  test.each([
    ['100/15m', [{ requests: 100, windowMs: 900_000, window: '15 minutes' }]],
    ['1/1s', [{ requests: 1, windowMs: 1_000, window: '1 second' }]],
    ['5/2h', [{ requests: 5, windowMs: 7_200_000, window: '2 hours' }]],
    ['9/24d', [{ requests: 9, windowMs: 2_073_600_000, window: '24 days' }]],
    ['off', []],
    [' off ', []],
  ])('%s is read', (text, limits) => {
    expect(parseLimits(text)).toMatchObject(limits);
    expect(parseLimits(text)).toHaveLength(limits.length);
  });

  test('of several windows has the shortest first', () => {
    expect(parseLimits('1000/1h, 100/1m').map(({ window }) => window)).toEqual(['1 minute', '1 hour']);
  });

  test.each([
    ['', 'is no limit'],
    ['100', 'is no limit'],
    ['100/15', 'is no limit'],
    ['100/m', 'is no limit'],
    ['100/15w', 'is no limit'],
    ['-1/15m', 'is no limit'],
    ['1.5/15m', 'is no limit'],
    ['100/15m,', 'is no limit'],
    ['100/15m,off', 'is no limit'],
    ['none', 'is no limit'],
    ['0/15m', 'off lifts the limit'],
    ['1000000001/1m', 'off lifts the limit'],
    ['100/0m', 'a window of 1s to 24d'],
    ['100/25d', 'a window of 1s to 24d'],
    ['100/1m,200/60s', 'the same window twice'],
  ])('%j is a mistake that says so', (text, reason) => {
    expect(() => parseLimits(text)).toThrow(reason);
  });
});
