import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createInstanceFromUrl, type ServiceInstance, type InstanceSnapshot } from '@plaza/discovery';
import { createServiceClient, type ServiceRequest, type ServiceClientOptions } from '@plaza/service-client';
import { createMetrics, listen, withContext } from '@plaza/service-kit';
import { eventually } from '@plaza/local-stack/testing';
import { recordingLogger } from '@plaza/service-kit/testing';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

interface Server {
  readonly url: string;
  readonly seen: { method: string; url: string; headers: IncomingMessage['headers'] }[];
  /** Calls that it has neither answered nor hung up on. */
  open(): number;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => unknown;

async function serving(answer: Answer): Promise<Server> {
  const seen: Server['seen'] = [];
  const open = new Set<ServerResponse>();
  const { port, server, close } = await listen(
    (request, response) => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers });
      open.add(response);
      response.once('close', () => open.delete(response));
      answer(response, request);
    },
    0,
    '127.0.0.1',
    { requestMs: 0 },
  );
  closing.push(() => {
    server.closeAllConnections();
    return close();
  });
  return { url: `http://127.0.0.1:${port}`, seen, open: () => open.size };
}

const json =
  (status: number, body: unknown = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
const well = json(200, { fine: true });
const silent: Answer = () => undefined;
const hangUp: Answer = (_response, request) => request.socket.destroy();
/** A port without a listener. */
const UNREACHABLE = 'http://127.0.0.1:9';

type Options = Partial<Omit<ServiceClientOptions, 'watch'>>;

/** A client of the instances at these addresses, which knows no other. */
function calling(urls: readonly string[], options: Options = {}, weights: readonly number[] = []) {
  const { logger, lines } = recordingLogger();
  const metrics = createMetrics({ service: 'example', version: '1' });
  let instances = urls.map((url, index) => numbered(url, index, weights[index]));
  const listeners = new Set<(snapshot: InstanceSnapshot) => void>();
  const current = (): InstanceSnapshot => ({ service: 'things', instances, source: 'registry' });
  const client = createServiceClient({
    watch: {
      service: 'things',
      current,
      ageMs: () => 1_000,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    serviceTokens: { issue: async () => 'of-the-service' },
    logger,
    metrics,
    ...options,
  });
  return {
    ...client,
    get: (path = '/') => client.request({ method: 'GET', path, as: 'service' }),
    post: (more: Partial<ServiceRequest> = {}) =>
      client.request({ method: 'POST', path: '/', data: {}, as: 'service', ...more }),
    become: (others: readonly string[]) => {
      instances = others.map((url, index) => numbered(url, index));
      for (const listener of listeners) listener(current());
    },
    events: () => lines.map(({ event }) => event),
    /** The value of a metric under labels of which these are some. */
    counted: async (name: string, labels: Readonly<Record<string, string>>) => {
      const { values = [] } = (await metrics.registry.getSingleMetric(name)?.get()) ?? {};
      const carries = (theirs: object) => Object.entries(labels).every((label) => Object.entries(theirs).some((other) => other.join() === label.join())); // prettier-ignore
      return values.find(({ labels: theirs }) => carries(theirs))?.value;
    },
  };
}

function numbered(url: string, index: number, weight = 1): ServiceInstance {
  return { ...createInstanceFromUrl('things', url, `things-${index}`), weight };
}

const times = (count: number) => Array.from({ length: count }, (_, index) => index);
const unavailable = { code: 'upstream_unavailable' };

describe('a call', () => {
  test('carries the token of the service, or of the caller it is made for, or none', async () => {
    const { url, seen } = await serving(well);
    const { request } = calling([url]);
    const context = { requestId: 'r-1', traceparent: '00-1-2-01', authorization: 'Bearer of-the-caller' };
    await withContext(context, async () => {
      for (const as of ['service', 'caller', 'anonymous'] as const)
        await request({ method: 'GET', path: '/', as });
    });
    await request({ method: 'GET', path: '/', as: 'caller' });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer of-the-service',
      'Bearer of-the-caller',
      undefined,
      'Bearer of-the-service',
    ]);
    expect(seen[0]?.headers).toMatchObject({ 'x-request-id': 'r-1', traceparent: '00-1-2-01' });
    expect(seen[3]?.headers['x-request-id']).toBeUndefined();
  });

  test.each([200, 201, 204, 400, 404, 409])('that is answered %s has its answer', async (status) => {
    const { url } = await serving((response) => response.writeHead(status).end());
    expect(await calling([url]).get()).toMatchObject({ status });
  });

  test.each([301, 429, 500, 503])('that is answered %s has failed', async (status) => {
    const { url } = await serving((response) =>
      response.writeHead(status, { 'Retry-After': '7', Location: 'http://127.0.0.1:9' }).end(),
    );
    await expect(calling([url]).get()).rejects.toMatchObject({
      ...unavailable,
      message: `things answers ${status}.`,
      details: { retryAfter: 7 },
    });
  });

  test('whose answer is too long has failed', async () => {
    const { url } = await serving((response) => response.end('x'.repeat(1_001)));
    await expect(calling([url], { maxResponseBytes: 1_000 }).get()).rejects.toMatchObject(unavailable);
  });

  test('without an instance fails, and opens no circuit', async () => {
    const { get, breaker } = calling([]);
    for (const _ of times(10)) await expect(get()).rejects.toMatchObject({ code: 'no_instance_known' });
    expect(breaker.state).toBe('CLOSED');
  });

  test.each<[string, Answer]>([
    ['silence', silent],
    ['a trickle', (response) => void setInterval(() => response.write(' '), 10).unref()],
  ])('that meets %s is given up in time', async (_, answer) => {
    const { url, open } = await serving(answer);
    await expect(calling([url], { timeoutMs: 100 }).get()).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: 'things did not answer within 100 ms.',
    });
    await eventually(() => expect(open()).toBe(0));
  });
});

describe('another instance is asked', () => {
  /** Makes ten calls at a bad instance and a good one, each of which gets five of them. */
  async function meet(bad: string, call: Partial<ServiceRequest> = {}, options: Options = {}) {
    const good = await serving(well);
    const client = calling([bad, good.url], options);
    let settled = 0;
    const calls = times(10).map(() =>
      client
        .post(call)
        .then(
          ({ status }) => status,
          ({ code }: { code: string }) => code,
        )
        .finally(() => {
          settled += 1;
        }),
    );
    return {
      settled: () => settled,
      ends: async () => new Set(await Promise.all(calls)),
      events: client.events,
    };
  }

  test.each(['GET', 'POST', 'PATCH'] as const)('at a %s where no connection stood', async (method) => {
    const { ends, events } = await meet(UNREACHABLE, { method });
    expect(await ends()).toEqual(new Set([200]));
    expect(events()).toEqual(['instance_ejected']);
  });

  const twice = [{ method: 'GET' }, { method: 'PUT' }, { idempotent: true }] as const;

  test.each<[string, Answer]>([
    ['hung up', hangUp],
    ['cannot work now', json(503)],
  ])('at a GET, a PUT or what else may come twice, where the first %s', async (_, answer) => {
    for (const call of twice) {
      const bad = await serving(answer);
      const { ends } = await meet(bad.url, call);
      expect(await ends()).toEqual(new Set([200]));
      expect(bad.seen).toHaveLength(5);
    }
  });

  test('at such a call, where the first has said nothing for half of the time', async () => {
    for (const call of twice) {
      const bad = await serving(silent);
      const halves: number[] = [];
      const halfTime = new AbortController();
      const expiry = (milliseconds: number) => {
        halves.push(milliseconds);
        return halfTime.signal;
      };
      const { settled, ends } = await meet(bad.url, call, { timeoutMs: 50_000, createTimeoutSignal: expiry });
      await eventually(() => expect([settled(), bad.open()]).toEqual([5, 5]));
      halfTime.abort();
      expect(await ends()).toEqual(new Set([200]));
      expect(new Set(halves)).toEqual(new Set([25_000]));
    }
  });

  test.each<[string, Answer, string]>([
    ['hung up', hangUp, 'upstream_unavailable'],
    ['said nothing', silent, 'deadline_exceeded'],
    ['cannot work now', json(503), 'upstream_unavailable'],
  ])('not at a POST, where the first %s', async (_, answer, code) => {
    const bad = await serving(answer);
    const { ends } = await meet(bad.url, {}, { timeoutMs: 2_000, breaker: { failureThreshold: 100 } });
    expect(await ends()).toEqual(new Set([200, code]));
    expect(bad.seen).toHaveLength(5);
  });

  test('not where the first has a defect: the second has it, too', async () => {
    const bad = await serving(json(500));
    const { ends } = await meet(bad.url, { method: 'GET' });
    expect(await ends()).toEqual(new Set([200, 'upstream_unavailable']));
  });

  test('in time, where the first takes no connection', async () => {
    const deaf = createServer().listen(0, '127.0.0.1');
    closing.push(async () => deaf.close());
    await once(deaf, 'listening');
    const address = deaf.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { ends } = await meet(`https://127.0.0.1:${port}`);
    expect(await ends()).toEqual(new Set([200]));
  });

  test('once, and no third time', async () => {
    const servers = [await serving(hangUp), await serving(hangUp), await serving(hangUp)];
    const { get } = calling(servers.map(({ url }) => url));
    await expect(get()).rejects.toMatchObject(unavailable);
    expect(servers.flatMap(({ seen }) => seen)).toHaveLength(2);
  });

  test('for a fifth of the calls at most', async () => {
    const servers = [await serving(json(503)), await serving(json(503))];
    const { get, counted } = calling(
      servers.map(({ url }) => url),
      { breaker: { failureThreshold: 1_000 } },
    );
    for (const _ of times(50)) await get().catch(() => undefined);
    expect(servers.flatMap(({ seen }) => seen)).toHaveLength(50 + 10 + 10);
    expect(await counted('resilience_retries_total', { outcome: 'allowed' })).toBe(20);
  });
});

test('the only instance is asked again at a GET where it closed a connection that it had kept', async () => {
  let kept = 0;
  const { url, seen } = await serving((response, request) => {
    kept += 1;
    if (kept === 2) request.socket.destroy();
    else well(response, request);
  });
  const { get, events } = calling([url]);
  for (const _ of times(3)) expect(await get()).toMatchObject({ status: 200 });
  expect(seen).toHaveLength(4);
  expect(events()).toEqual([]);
});

describe('an instance that fails', () => {
  test('is not called any more after five failures in a row, unless the registry names it anew', async () => {
    let mood: Answer = json(500);
    const bad = await serving((response, request) => mood(response, request));
    const good = await serving(well);
    const { get, become, check } = calling([bad.url, good.url]);
    while (bad.seen.length < 5) await get().catch(() => undefined);
    for (const _ of times(30)) await get();
    expect(bad.seen).toHaveLength(5);
    expect(await check.check()).toMatchObject({ instances: { 'things-0': 'OPEN', 'things-1': 'CLOSED' } });

    mood = well;
    become([]);
    become([bad.url, good.url]);
    for (const _ of times(30)) await get();
    expect(bad.seen.length).toBeGreaterThan(5);
  });

  test('takes half of the places at most, so that there is room for the others', async () => {
    const [slow, good] = [await serving(silent), await serving(well)];
    const options = { bulkhead: { limit: 8, queue: 1_000 }, timeoutMs: 60_000 };
    const { post, counted } = calling([slow.url, good.url], options, [9, 1]);
    const stuck = times(200).map(() => post().catch(() => undefined));
    await eventually(() => expect(good.seen.length).toBeGreaterThan(150), 30_000);
    expect(slow.seen.length).toBeLessThanOrEqual(4);
    const full = { name: 'things/things-0', reason: 'bulkhead_full' };
    expect(await counted('resilience_rejected_total', full)).toBeGreaterThan(0);
    closing.push(() => Promise.all(stuck));
  });
});

describe('a service that fails', () => {
  test('is left alone after five calls in a row', async () => {
    const { url, seen } = await serving(json(500));
    const { get, breaker, check } = calling([url]);
    for (const _ of times(5)) await expect(get()).rejects.toMatchObject(unavailable);
    await expect(get()).rejects.toMatchObject({ code: 'circuit_open', details: { retryAfter: 10 } });
    expect(seen).toHaveLength(5);
    expect(breaker.state).toBe('OPEN');
    await expect(check.check()).rejects.toThrow('the circuit is open');
  });

  test('is called again as soon as the registry names an instance that was not there', async () => {
    const { url } = await serving(json(500));
    const { get, breaker, become } = calling([url]);
    for (const _ of times(5)) await get().catch(() => undefined);
    become([]);
    expect(breaker.state).toBe('OPEN');
    become([(await serving(well)).url]);
    expect(await get()).toMatchObject({ status: 200 });
    expect(breaker.state).toBe('CLOSED');
  });

  test('is left alone only when each of its instances has failed so often', async () => {
    const servers = [await serving(json(500)), await serving(json(500))];
    const { get, breaker } = calling(servers.map(({ url }) => url));
    for (const _ of times(9)) await get().catch(() => undefined);
    expect(breaker.state).toBe('CLOSED');
    await get().catch(() => undefined);
    expect(breaker.state).toBe('OPEN');
  });

  test('is not, for the mistakes of the caller', async () => {
    const { url } = await serving(json(404));
    const { get, breaker } = calling([url]);
    for (const _ of times(10)) await get();
    expect(breaker.state).toBe('CLOSED');
  });

  test('keeps no more calls waiting than it is allowed to', async () => {
    const { url, seen } = await serving(silent);
    const { get } = calling([url], { bulkhead: { limit: 2, queue: 1 }, timeoutMs: 1_000 });
    const ends = await Promise.allSettled(times(4).map(() => get()));
    expect(ends.map((end) => end.status === 'rejected' && end.reason.code)).toEqual([
      'deadline_exceeded',
      'deadline_exceeded',
      'deadline_exceeded',
      'bulkhead_full',
    ]);
    await eventually(() => expect(seen).toHaveLength(2));
  });
});

test('health shows whom a service knows and how they stand', async () => {
  const { check, become } = calling([UNREACHABLE]);
  expect(check).toMatchObject({ name: 'things', group: 'externalServices', required: false });
  expect(await check.check()).toEqual({
    circuit: 'CLOSED',
    source: 'registry',
    instances: { 'things-0': 'CLOSED' },
    ageSeconds: 1,
  });
  become([]);
  await expect(check.check()).rejects.toThrow('no instance is known');
});

test('every try is measured', async () => {
  const { url } = await serving(well);
  const { get, post, counted } = calling([url]);
  await get();
  await post();
  const labels = { upstream: 'things', method: 'POST', outcome: '200', le: '5' };
  expect(await counted('http_client_request_duration_seconds', labels)).toBe(1);
});
