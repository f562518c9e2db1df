import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import type { CheckStatus, HttpCheck } from '../src/domain/check.ts';
import { countProbe, initialCounters } from '../src/domain/check-thresholds.ts';
import { neverRespond, startFakeInstance, type FakeInstance } from './fake-instance.ts';
import { createRegistrationBody, startRegistry } from './test-registry.ts';

const env = { REDIS_URL: (await testRedis()).url, PROBE_EVERY_MS: '50', PROBE_TIMEOUT_MS: '1000' };

let probed: FakeInstance;
beforeEach(async () => {
  probed = await startFakeInstance();
});
afterEach(() => probed.close());

describe('probing', () => {
  test('runs at most 50 probes at a time, and reaches all instances', async () => {
    const registry = await startRegistry(env);
    probed.setBehaviour(neverRespond);
    for (let at = 0; at < 60; at += 1) {
      const healthCheckUrl = `${probed.url}/${at}`;
      await registry.register(createRegistrationBody('many', 4_000 + at, { healthCheckUrl })).expect(200);
    }
    await eventually(async () => expect(probed.requests.length).toBeGreaterThanOrEqual(50));
    probed.setBehaviour((_request, response) => response.end());
    await eventually(async () => {
      expect(new Set(probed.requests.map(({ url }) => url)).size).toBe(60);
    }, 15_000);
    expect(probed.maxConcurrentRequests()).toBe(50);
    await registry.http.delete('/unregister/many?serviceUrl=http://localhost:4000').expect(200);
    await registry.stop();
  }, 30_000);

  test('is done by one replica at a time, and by another one after it has stopped', async () => {
    const replicas = [await startRegistry(env), await startRegistry(env)];
    const leaders = async () => {
      const pages = await Promise.all(replicas.map(({ http }) => http.get('/metrics')));
      return replicas.filter((_replica, at) => /^registry_sweeper\{.*\} 1$/m.test(pages[at]?.text ?? ''));
    };
    const healthCheckUrl = `${probed.url}/watched`;
    await replicas[0]?.register(createRegistrationBody('watched', 3001, { healthCheckUrl })).expect(200);
    const asked = () => probed.requests.filter(({ url }) => url === '/watched').length;
    await eventually(async () => expect(asked()).toBeGreaterThan(2), 10_000);
    const [first, ...others] = await leaders();
    expect([first === undefined, others]).toEqual([false, []]);

    await first?.stop();
    replicas.splice(0, 2, ...replicas.filter((replica) => replica !== first));
    const before = asked();
    await eventually(async () => expect(asked()).toBeGreaterThan(before + 2), 10_000);
    expect(await leaders()).toEqual(replicas);
    await Promise.all(replicas.map((replica) => replica.stop()));
  }, 30_000);
});

describe('the status after probes', () => {
  const check: HttpCheck = {
    id: 'h',
    name: 'Health',
    kind: 'http',
    initial: 'passing',
    url: 'http://127.0.0.1',
  };
  const p = 'passing';
  const w = 'warning';
  const c = 'critical';

  const after = (first: { status: CheckStatus; output: string }, rule: HttpCheck, seen: CheckStatus[]) => {
    let counters = initialCounters(first);
    return seen.map((status) => {
      counters = countProbe(counters, rule, status);
      return counters.status;
    });
  };
  const new_ = (status: CheckStatus) => ({ status, output: '' });
  const judged = (status: CheckStatus) => ({ status, output: 'it was judged' });

  test.each<[string, { status: CheckStatus; output: string }, HttpCheck, CheckStatus[], CheckStatus[]]>([
    ['three failures in a row are critical', new_(p), check, [c, c, c], [p, p, c]],
    ['a success between begins the count anew', new_(p), check, [c, c, p, c, c, c], [p, p, p, p, p, c]],
    ['two successes in a row end it', judged(c), check, [p, p], [c, p]],
    ['a failure between begins that count anew', judged(c), check, [p, c, p, p], [c, c, c, p]],
    ['a warning is a success that warns', judged(p), check, [w, p, w], [w, p, w]],
    ['who never was anything but critical passes at the first success', new_(c), check, [p], [p]],
    ['the check may want one failure', new_(p), { ...check, failuresBeforeCritical: 1 }, [c], [c]],
    ['the check may want one success', judged(c), { ...check, successesBeforePassing: 1 }, [p], [p]],
  ])('%s', (_name, first, rule, seen, expected) => {
    expect(after(first, rule, seen)).toEqual(expected);
  });
});
