import { describe, expect, test } from '@jest/globals';
import { PreboundCounter, PreboundHistogram } from '@plaza/service-kit';
import { AggregatorRegistry, Counter, Histogram, Registry } from 'prom-client';

const REQUESTS = [
  { route: 'posts', status: 200, seconds: 0.004 },
  { route: 'posts', status: 200, seconds: 0.1 },
  { route: 'posts', status: 200, seconds: 7 },
  { route: 'u"sers\\', status: 404, seconds: 0 },
];
const names = ['route', 'status'] as const;
const buckets = [0.01, 0.1, 1];
const histogram = { name: 'seconds', help: 'Seconds', labelNames: names, buckets };
const counter = { name: 'requests_total', help: 'Requests', labelNames: names };

function registryOfOurs(): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service: 'example' });
  const seconds = new PreboundHistogram({ ...histogram, registers: [registry] });
  const requests = new PreboundCounter({ ...counter, registers: [registry] });
  for (const { route, status, seconds: value } of REQUESTS) {
    seconds.bind({ route, status })(value);
    requests.bind({ route, status })();
  }
  return registry;
}

function registryOfPromClient(): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service: 'example' });
  const seconds = new Histogram({ ...histogram, registers: [registry] });
  const requests = new Counter({ ...counter, registers: [registry] });
  for (const { route, status, seconds: value } of REQUESTS) {
    seconds.observe({ route, status }, value);
    requests.inc({ route, status });
  }
  return registry;
}

describe('tallied metrics', () => {
  test('are exposed as those of prom-client, however often they are read', async () => {
    const ours = registryOfOurs();
    const expected = await registryOfPromClient().metrics();
    expect(await ours.metrics()).toBe(expected);
    expect(await ours.metrics()).toBe(expected);
  });

  test('add up over workers', async () => {
    const workers = [registryOfOurs(), registryOfOurs()];
    const all = AggregatorRegistry.aggregate(
      await Promise.all(workers.map((worker) => worker.getMetricsAsJSON())),
    );
    const text = await all.metrics();
    expect(text).toMatch(/^seconds_bucket\{route="posts",status="200",le="0\.1",.*\} 4$/m);
    expect(text).toMatch(/^seconds_count\{route="posts",status="200".*\} 6$/m);
    expect(text).toMatch(/^requests_total\{route="posts",status="200".*\} 6$/m);
  });

  test('begin again where a registry is reset', async () => {
    const ours = registryOfOurs();
    ours.resetMetrics();
    expect(await ours.metrics()).not.toMatch(/ [1-9][\d.]*$/m);
  });

  test('take no values by the way that would be lost', () => {
    const seconds = new PreboundHistogram({ ...histogram, registers: [] });
    expect(() => seconds.observe({ route: 'posts', status: 200 }, 1)).toThrow(/bind/);
    expect(() => seconds.labels('posts', '200').observe(1)).toThrow(/bind/);
    expect(() => seconds.startTimer({ route: 'posts', status: 200 })()).toThrow(/bind/);
  });
});
