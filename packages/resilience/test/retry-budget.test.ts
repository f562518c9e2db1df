import { describe, expect, test } from '@jest/globals';
import { createRetryBudget } from '@plaza/resilience';

function create(minimumPerSecond: number) {
  let now = 0;
  const budget = createRetryBudget({ ratio: 0.2, minimumPerSecond, now: () => now });
  return {
    calls: (count: number) => {
      for (let made = 0; made < count; made += 1) budget.deposit();
    },
    retries: (wanted: number) => {
      let allowed = 0;
      for (let made = 0; made < wanted; made += 1) if (budget.withdraw()) allowed += 1;
      return allowed;
    },
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('a retry budget', () => {
  test('allows a fifth of the calls', () => {
    const budget = create(0);
    budget.calls(100);
    expect(budget.retries(100)).toBe(20);
  });

  test('allows a few however little traffic there is', () => {
    expect(create(1).retries(100)).toBe(10);
  });

  test('forgets what is ten seconds old', () => {
    const budget = create(0);
    budget.calls(100);
    budget.pass(5_000);
    expect(budget.retries(5)).toBe(5);
    budget.pass(5_000);
    expect(budget.retries(100)).toBe(0);
    budget.pass(60_000);
    budget.calls(10);
    expect(budget.retries(100)).toBe(2);
  });
});
