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

/** The lines of an exposition, each with its labels sorted: their order has no meaning in Prometheus' format. */
async function linesOf(registry: Pick<Registry, 'metrics'>): Promise<string[]> {
  const text = await registry.metrics();
  return text.split('\n').map((line) =>
    line.replace(/\{(.*)\}/, (_all, labels: string) => {
      const sorted = labels.match(/\w+="(?:[^"\\]|\\.)*"/g)?.sort() ?? [];
      return `{${sorted.join(',')}}`;
    }),
  );
}

describe('prebound metrics', () => {
  test('are exposed as those of prom-client, however often they are read', async () => {
    const ours = registryOfOurs();
    const expected = await linesOf(registryOfPromClient());
    expect(expected.length).toBeGreaterThan(15);
    expect(await linesOf(ours)).toEqual(expected);
    expect(await linesOf(ours)).toEqual(expected);
  });

  test('add up over workers', async () => {
    const workers = [registryOfOurs(), registryOfOurs()];
    const all = AggregatorRegistry.aggregate(
      await Promise.all(workers.map((worker) => worker.getMetricsAsJSON())),
    );
    const lines = await linesOf(all);
    expect(lines).toContain('seconds_bucket{le="0.1",route="posts",service="example",status="200"} 4');
    expect(lines).toContain('seconds_count{route="posts",service="example",status="200"} 6');
    expect(lines).toContain('requests_total{route="posts",service="example",status="200"} 6');
  });

  test('begin again where a registry is reset', async () => {
    const ours = registryOfOurs();
    ours.resetMetrics();
    expect(await ours.metrics()).not.toMatch(/ [1-9][\d.]*$/m);
  });

  test('a counter counts unbound labels as well, in the same series', async () => {
    const registry = new Registry();
    const requests = new PreboundCounter({ ...counter, registers: [registry] });
    requests.bind({ route: 'posts', status: 200 })();
    requests.inc({ route: 'posts', status: 200 }, 5);
    expect(await registry.metrics()).toContain('requests_total{route="posts",status="200"} 6');
  });

  test('two of one name cannot be registered', () => {
    const registry = new Registry();
    const create = () => new PreboundHistogram({ ...histogram, registers: [registry] });
    create();
    expect(create).toThrow('already been registered');
  });
});
