import { describe, expect, test } from '@jest/globals';
import {
  createRetryBudget,
  createRetryPolicy,
  isIdempotentMethod,
  isUnavailableStatus,
  type AttemptFailure,
  type RetryPolicyOptions,
} from '@plaza/resilience';
import { fixture } from './fixture.ts';

type Rules = Omit<RetryPolicyOptions, 'budget'>;

function create(rules: Rules = {}) {
  const budget = createRetryBudget({ name: 'there', metrics: fixture().metrics, now: () => 0 });
  const policy = createRetryPolicy({ budget, ...rules });
  return {
    policy,
    choose: (
      kind: AttemptFailure['kind'],
      repeatable: boolean,
      { other, staleConnection = false }: { other?: string; staleConnection?: boolean } = { other: 'b' },
    ) => policy.chooseRetryInstance({ kind, staleConnection }, repeatable, 'a', () => other),
  };
}

describe('whether a failed request is sent to another instance', () => {
  test.each<[AttemptFailure['kind'], boolean, Rules, string | undefined]>([
    ['unsent', true, {}, 'b'],
    ['unsent', false, {}, 'b'],
    ['reset', true, {}, 'b'],
    ['reset', false, {}, undefined],
    ['timeout', true, {}, undefined],
    ['timeout', true, { retryTimeouts: true }, 'b'],
    ['timeout', false, { retryTimeouts: true }, undefined],
    ['unavailable', true, {}, undefined],
    ['unavailable', true, { retryUnavailable: true }, 'b'],
    ['unavailable', false, { retryUnavailable: true }, undefined],
  ])('%s, repeatable %s, rules %j: %s', (kind, repeatable, rules, second) => {
    expect(create(rules).choose(kind, repeatable)).toBe(second);
  });

  test('is asked with the first instance, and answers no where there is no other', () => {
    const { policy, choose } = create();
    const failure: AttemptFailure = { kind: 'unsent', staleConnection: false };
    expect(policy.chooseRetryInstance(failure, false, 'a', (first) => `not ${first}`)).toBe('not a');
    expect(choose('unsent', false, {})).toBeUndefined();
  });

  test('a stale connection is no reason to leave the only instance', () => {
    const { choose } = create();
    expect(choose('reset', true, { staleConnection: true })).toBe('a');
    expect(choose('reset', true, { other: 'b', staleConnection: true })).toBe('b');
    expect(choose('reset', false, { staleConnection: true })).toBeUndefined();
  });

  test('the budget allows ten retries in ten seconds and one for every five first attempts', () => {
    const { policy, choose } = create();
    const retries = (wanted: number) =>
      Array.from({ length: wanted }, () => choose('unsent', false)).filter((second) => second === 'b').length;
    expect(retries(50)).toBe(10);
    for (let made = 0; made < 100; made += 1) policy.onFirstAttempt();
    expect(retries(50)).toBe(20);
  });

  test('what is not retried takes nothing from the budget', () => {
    const { choose } = create();
    for (let made = 0; made < 50; made += 1) choose('reset', false);
    for (let made = 0; made < 50; made += 1) choose('unsent', false, {});
    expect(choose('unsent', false)).toBe('b');
  });
});

test('methods that may be sent twice are those of RFC 9110, and statuses those of an instance', () => {
  expect(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].every(isIdempotentMethod)).toBe(true);
  expect(['POST', 'PATCH', 'CONNECT'].some(isIdempotentMethod)).toBe(false);
  expect([500, 501, 502, 503, 504, 505].filter(isUnavailableStatus)).toEqual([502, 503, 504]);
});
