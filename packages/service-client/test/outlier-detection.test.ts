import { describe, expect, test } from '@jest/globals';
import {
  createServiceClientMetrics,
  createOutlierDetector,
  type OutlierDetectorOptions,
} from '@plaza/service-client';
import { createMetrics } from '@plaza/service-kit';
import { recordingLogger } from '@plaza/service-kit/testing';

const [a, b, c] = [
  { instanceId: 'a', weight: 1 },
  { instanceId: 'b', weight: 1 },
  { instanceId: 'c', weight: 1 },
];
const all = [a, b, c];

function ejecting(options: Partial<OutlierDetectorOptions> = {}) {
  const clock = { at: 0 };
  const { logger, lines } = recordingLogger();
  const { registry, expose } = createMetrics({ service: 'example', version: '1' });
  const metrics = createServiceClientMetrics(registry);
  const outlierDetector = createOutlierDetector({
    upstream: 'things',
    logger,
    metrics,
    now: () => clock.at,
    ...options,
  });
  const fail = (who: typeof a, times = 1, kind: 'refused' | 'error' = 'error') => {
    for (let time = 0; time < times; time += 1) {
      outlierDetector.onStart(who);
      outlierDetector.onFailure(who, kind);
    }
  };
  const succeed = (who: typeof a) => {
    outlierDetector.onStart(who);
    outlierDetector.onSuccess(who);
  };
  const ids = () => outlierDetector.available(all).map(({ instanceId }) => instanceId);
  return {
    ...outlierDetector,
    fail,
    succeed,
    ids: () => ids().join(''),
    pass: (ms: number) => {
      clock.at += ms;
    },
    events: () => lines.map(({ event }) => event),
    text: async () => (await expose()).text,
    metric: async (name: string) =>
      Number(new RegExp(`^${name}{.*} (\\d+)$`, 'm').exec((await expose()).text)?.[1] ?? Number.NaN),
  };
}

describe('an instance is ejected', () => {
  test('by five failures in a row', () => {
    const { fail, ids } = ejecting();
    fail(b, 4);
    expect(ids()).toBe('abc');
    fail(b);
    expect(ids()).toBe('ac');
  });

  test('by as many failures of a kind as that kind is allowed', () => {
    const { fail, ids } = ejecting({ thresholdsByReason: { refused: 3, error: Infinity } });
    fail(a, 20);
    fail(b, 2, 'refused');
    expect(ids()).toBe('abc');
    fail(b, 1, 'refused');
    expect(ids()).toBe('ac');
  });

  test('not by failures with a success between', () => {
    const { fail, succeed, ids } = ejecting();
    fail(b, 4);
    succeed(b);
    fail(b, 4);
    expect(ids()).toBe('abc');
  });

  test('by one refused connection', () => {
    const { fail, ids } = ejecting();
    fail(b, 1, 'refused');
    expect(ids()).toBe('ac');
  });
});

describe('an ejected instance', () => {
  test('is out for 5 s, and then for one call', () => {
    const { fail, ids, pass, onStart } = ejecting();
    fail(b, 5);
    pass(4_999);
    expect(ids()).toBe('ac');
    pass(1);
    expect(ids()).toBe('abc');
    onStart(b);
    expect(ids()).toBe('ac');
  });

  test('is back when that call succeeds', () => {
    const { fail, succeed, ids, pass } = ejecting();
    fail(b, 5);
    pass(5_000);
    succeed(b);
    expect(ids()).toBe('abc');
    fail(b, 4);
    expect(ids()).toBe('abc');
  });

  test('is out for twice as long each time that call fails, for a minute at most', () => {
    const { fail, ids, pass } = ejecting();
    fail(b, 5);
    pass(5_000);
    for (const probation of [10_000, 20_000, 40_000, 60_000, 60_000]) {
      expect(ids()).toBe('abc');
      fail(b);
      pass(probation - 1);
      expect(ids()).toBe('ac');
      pass(1);
    }
  });

  test('is judged by calls since, not by those that were under way', () => {
    const { fail, onStart, onSuccess, onFailure, ids, pass } = ejecting();
    for (let call = 0; call < 7; call += 1) onStart(b);
    fail(b, 5);
    onSuccess(b);
    expect(ids()).toBe('ac');
    onFailure(b, 'late');
    pass(5_000);
    expect(ids()).toBe('abc');
  });

  test('has its trial again when the call says nothing, or never ends', () => {
    const { fail, onStart, onAbort, ids, pass } = ejecting();
    fail(b, 5);
    pass(5_000);
    onStart(b);
    onAbort(b);
    expect(ids()).toBe('abc');
    onStart(b);
    pass(9_999);
    expect(ids()).toBe('ac');
    pass(1);
    expect(ids()).toBe('abc');
  });

  test.each([
    ['longer than the first time where it fails again soon', 9_999, 10_000],
    ['only 5 s once it has been well for 10 s', 10_000, 5_000],
  ])('is out %s', (_name, well, probation) => {
    const { fail, succeed, ids, pass } = ejecting();
    fail(b, 5);
    pass(5_000);
    succeed(b);
    pass(well);
    fail(b, 5);
    pass(probation - 1);
    expect(ids()).toBe('ac');
    pass(1);
    expect(ids()).toBe('abc');
  });

  test('begins anew when it has been gone meanwhile', async () => {
    const { fail, prune, ids, metric } = ejecting();
    fail(b, 5);
    prune([a, c]);
    expect(ids()).toBe('abc');
    expect(await metric('discovery_ejected_instances')).toBe(0);
  });
});

describe('where less than half would be left', () => {
  test('ejections are ignored, and hold again when enough are back', async () => {
    const { fail, succeed, ids, events, metric } = ejecting();
    fail(a, 5);
    expect(ids()).toBe('bc');
    fail(b, 5);
    expect(ids()).toBe('abc');
    expect(await metric('discovery_panic')).toBe(1);
    succeed(b);
    expect(ids()).toBe('bc');
    expect(await metric('discovery_panic')).toBe(0);
    expect(events().slice(2)).toEqual([
      'ejection_panic_started',
      'instance_readmitted',
      'ejection_panic_ended',
    ]);
  });

  test('failures lengthen no probation', () => {
    const { fail, ids, pass } = ejecting();
    for (const who of all) fail(who, 1, 'refused');
    expect(ids()).toBe('abc');
    fail(b, 100);
    pass(5_000);
    for (const who of [a, c]) fail(who);
    expect(ids()).toBe('abc');
    pass(9_999);
    fail(b);
    pass(5_000);
    expect(ids()).toBe('ac');
  });

  test('the only one is called all the same', () => {
    const { fail, available } = ejecting();
    fail(a, 1, 'refused');
    expect(available([a])).toEqual([a]);
    expect(available([])).toEqual([]);
  });
});

test('the choice is the same array until something changes', () => {
  const { fail, available, onStart } = ejecting();
  expect(available(all)).toBe(all);
  fail(b, 5);
  const choice = available(all);
  onStart(a);
  expect(available(all)).toBe(choice);
});

test('calls under way are counted, and never below none', () => {
  const { onStart, onSuccess, onFailure, onAbort, activeRequests, prune } = ejecting();
  for (let call = 0; call < 4; call += 1) onStart(a);
  onSuccess(a);
  onFailure(a, 'late');
  onAbort(a);
  expect([activeRequests(a), activeRequests(b)]).toEqual([1, 0]);
  prune([]);
  onSuccess(a);
  expect(activeRequests(a)).toBe(0);
});

test('ejections are counted by what was one too many, and told once', async () => {
  const { fail, metric, events } = ejecting();
  fail(a, 7);
  expect(await metric('discovery_ejected_instances')).toBe(1);
  expect(await metric('discovery_ejections_total')).toBe(1);
  expect(events()).toEqual(['instance_ejected']);
});

test('it is a circuit breaker for each instance, with its names in metrics and events', async () => {
  const { fail, succeed, onStart, onAbort, pass, state, onStateChange, prune, text } = ejecting();
  const heard: string[] = [];
  const enough = onStateChange(({ instanceId, state }) => heard.push(`${instanceId} ${state}`));
  expect(state(a)).toBe('CLOSED');
  fail(a, 5);
  expect(state(a)).toBe('OPEN');
  pass(5_000);
  onStart(a);
  expect(state(a)).toBe('HALF_OPEN');
  expect(await text()).toMatch(/circuit_breaker_state\{name="things\/a",state="HALF_OPEN".*\} 1/);
  onAbort(a);
  succeed(a);
  expect(state(a)).toBe('CLOSED');
  enough();
  fail(a, 1, 'refused');
  expect(heard).toEqual(['a OPEN', 'a HALF_OPEN', 'a OPEN', 'a HALF_OPEN', 'a CLOSED']);
  expect(await text()).toMatch(/circuit_breaker_transitions_total\{name="things\/a",state="OPEN".*\} 3/);
  prune([b]);
  expect(await text()).not.toMatch(/circuit_breaker_state\{name="things\/a"/);
});
