import { describe, expect, jest, test } from '@jest/globals';
import { createCircuitBreaker, createResilienceMetrics, type CircuitBreakerOptions } from '@plaza/resilience';
import { createMetrics } from '@plaza/service-kit';
import { fail, fixture, succeed } from './fixture.ts';

type Rules = Pick<
  CircuitBreakerOptions,
  'isFailure' | 'isFailedResult' | 'failureThreshold' | 'isNeutral' | 'canOpen'
>;

function create(options: Rules = {}) {
  const { logger, metrics, exposed } = fixture();
  const breaker = createCircuitBreaker({
    name: 'there',
    logger,
    metrics,
    failureThreshold: 3,
    resetTimeout: 1_000,
    ...options,
  });
  const failures = async (count: number) => {
    for (let made = 0; made < count; made += 1) await breaker.run(fail).catch(() => undefined);
  };
  return { breaker, failures, exposed };
}

describe('a breaker', () => {
  test('is CLOSED and hands on what the work gives', async () => {
    const { breaker } = create();
    await expect(breaker.run(succeed)).resolves.toBe('fine');
    await expect(breaker.run(fail)).rejects.toThrow('broken');
    expect(breaker.state).toBe('CLOSED');
  });

  test('opens after as many failures in a row as its threshold, and then makes no call', async () => {
    const { breaker, failures } = create();
    await failures(2);
    expect(breaker.state).toBe('CLOSED');
    await failures(1);
    expect(breaker.state).toBe('OPEN');
    const work = jest.fn(succeed);
    await expect(breaker.run(work)).rejects.toMatchObject({
      code: 'circuit_open',
      details: { retryAfter: 1 },
    });
    expect(work).not.toHaveBeenCalled();
  });

  test('counts what the work gives as a failure where it is told to, and hands it on', async () => {
    const { breaker } = create({ isFailedResult: (result) => result === 'fine' });
    for (let made = 0; made < 3; made += 1) await expect(breaker.run(succeed)).resolves.toBe('fine');
    expect(breaker.state).toBe('OPEN');
  });

  test('is CLOSED again once it is reset', async () => {
    const { breaker, failures } = create();
    await failures(3);
    breaker.reset();
    await failures(2);
    expect(breaker.state).toBe('CLOSED');
  });

  test('asks for its threshold at each failure, where that changes', async () => {
    let threshold = 5;
    const { breaker, failures } = create({ failureThreshold: () => threshold });
    await failures(3);
    expect(breaker.state).toBe('CLOSED');
    threshold = 4;
    await failures(1);
    expect(breaker.state).toBe('OPEN');
  });

  test('asks whether it may open, at the failure by which it would and at each that follows', async () => {
    const canOpen = jest.fn(() => false);
    const { breaker, failures } = create({ canOpen });
    await failures(4);
    expect([breaker.state, canOpen.mock.calls.length]).toEqual(['CLOSED', 2]);
    canOpen.mockReturnValue(true);
    await failures(1);
    expect(breaker.state).toBe('OPEN');
  });

  test('stays CLOSED where successes come between', async () => {
    const { breaker, failures } = create();
    await failures(2);
    await breaker.run(succeed);
    await failures(2);
    expect(breaker.state).toBe('CLOSED');
  });

  test('goes OPEN, HALF_OPEN, CLOSED when the first call after the reset timeout succeeds', async () => {
    jest.useFakeTimers();
    try {
      const { breaker, failures } = create();
      const states: string[] = [];
      breaker.onStateChange((state) => states.push(state));
      await failures(3);
      jest.setSystemTime(Date.now() + 1_001);
      await breaker.run(succeed);
      expect(states).toEqual(['OPEN', 'HALF_OPEN', 'CLOSED']);
    } finally {
      jest.useRealTimers();
    }
  });

  test('goes OPEN again when that call fails', async () => {
    jest.useFakeTimers();
    try {
      const { breaker, failures } = create();
      await failures(3);
      jest.setSystemTime(Date.now() + 1_001);
      await failures(1);
      expect(breaker.state).toBe('OPEN');
    } finally {
      jest.useRealTimers();
    }
  });

  test('answers at once while that call is under way, however long it takes', async () => {
    jest.useFakeTimers();
    try {
      const { breaker, failures } = create();
      await failures(3);
      jest.setSystemTime(Date.now() + 1_001);
      const trial = Promise.withResolvers<string>();
      const tried = breaker.run(() => trial.promise);
      expect(breaker.state).toBe('HALF_OPEN');
      const work = jest.fn(succeed);
      await expect(breaker.run(work)).rejects.toMatchObject({ code: 'circuit_open' });
      expect(work).not.toHaveBeenCalled();
      trial.resolve('well again');
      await expect(tried).resolves.toBe('well again');
      await expect(breaker.run(work)).resolves.toBe('fine');
    } finally {
      jest.useRealTimers();
    }
  });

  test('takes what says nothing neither for a failure nor for the end of a row of them', async () => {
    const { breaker, failures } = create({ isNeutral: (outcome) => outcome === 'fine' });
    for (let made = 0; made < 3; made += 1) {
      await breaker.run(succeed);
      await failures(1);
    }
    expect(breaker.state).toBe('OPEN');
  });

  test.each([
    ['gives something', succeed],
    ['fails', () => Promise.reject(new Error('our caller has left'))],
  ])('is not CLOSED by a call that says nothing, whether that %s', async (_name, work) => {
    jest.useFakeTimers();
    try {
      const left = (outcome: unknown) => outcome === 'fine' || String(outcome).endsWith('has left');
      const { breaker, failures } = create({ isFailure: (error) => !left(error), isNeutral: left });
      await failures(3);
      jest.setSystemTime(Date.now() + 1_001);
      await breaker.run(work).catch(() => undefined);
      expect(breaker.state).toBe('OPEN');
    } finally {
      jest.useRealTimers();
    }
  });

  test('does not hold against the other side what is not its failure', async () => {
    const { breaker, failures } = create({ isFailure: (error) => String(error) !== 'Error: broken' });
    await failures(10);
    expect(breaker.state).toBe('CLOSED');
  });

  test('shows its state and what it refused as metrics', async () => {
    const { breaker, failures, exposed } = create();
    await failures(3);
    await breaker.run(succeed).catch(() => undefined);
    const text = await exposed();
    expect(text).toMatch(/circuit_breaker_state\{name="there",state="OPEN".*\} 1/);
    expect(text).toMatch(/circuit_breaker_state\{name="there",state="CLOSED".*\} 0/);
    expect(text).toMatch(/circuit_breaker_transitions_total\{name="there",state="OPEN".*\} 1/);
    expect(text).toMatch(/resilience_rejected_total\{name="there",reason="circuit_open".*\} 1/);
  });

  test('calls no listener that has unsubscribed', async () => {
    const { breaker, failures } = create();
    const states: string[] = [];
    breaker.onStateChange((state) => states.push(state))();
    await failures(3);
    expect(states).toEqual([]);
  });
});

test('two who count in the same registry count together', () => {
  const { registry } = createMetrics({ service: 'example', version: '1' });
  expect(createResilienceMetrics(registry)).toBe(createResilienceMetrics(registry));
});
