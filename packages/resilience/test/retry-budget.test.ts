import { describe, expect, test } from '@jest/globals';
import { createRetryBudget } from '@plaza/resilience';
import { fixture } from './fixture.ts';

function create(minimumPerSecond: number) {
  let now = 0;
  const { metrics, exposed } = fixture();
  const budget = createRetryBudget({ name: 'there', metrics, ratio: 0.2, minimumPerSecond, now: () => now });
  return {
    exposed,
    onExhausted: budget.onExhausted,
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

  test('counts what it allowed and refused, and tells of the latter until one has heard enough', async () => {
    const { calls, retries, onExhausted, exposed } = create(0);
    const heard: number[] = [];
    const enough = onExhausted((during) => heard.push(during));
    calls(10);
    retries(3);
    enough();
    retries(1);
    expect(heard).toEqual([10]);
    expect(await exposed()).toMatch(/resilience_retries_total\{name="there",outcome="allowed".*\} 2/);
    expect(await exposed()).toMatch(/resilience_retries_total\{name="there",outcome="refused".*\} 2/);
  });
});
