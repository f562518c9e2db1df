import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import request from 'supertest';
import { createConfigFile, prefixRoutes, startGatewayWith } from './config-file.ts';
import { startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

let one: TestUpstream;
let other: TestUpstream;
const gateways: Gateway[] = [];

beforeAll(async () => {
  one = await startUpstream((_request, response) => response.end('one'));
  other = await startUpstream((_request, response) => response.end('other'));
});

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()));
});

afterAll(() => Promise.all([one.close(), other.close()]));

async function watching(document: unknown) {
  const file = await createConfigFile(document);
  const gateway = await startGatewayWith(file);
  gateways.push(gateway);
  return { file, gateway };
}

const ask = async (gateway: Gateway, path: string) => (await request(gateway.url).get(path)).text;

describe('a file that changes', () => {
  test('is in force a moment later', async () => {
    const { file, gateway } = await watching(prefixRoutes({ '/x': one.url }));
    expect(await ask(gateway, '/x')).toBe('one');
    await file.replace(prefixRoutes({ '/x': other.url, '/y': one.url }));
    await eventually(async () => {
      expect(await ask(gateway, '/x')).toBe('other');
    });
    expect(await ask(gateway, '/y')).toBe('one');
    expect((await request(gateway.url).get('/')).body.routes).toHaveLength(2);
  });

  test('costs no request, again and again under load', async () => {
    const { file, gateway } = await watching(prefixRoutes({ '/x': one.url }));
    const statuses: number[] = [];
    const done = new AbortController();
    const load = Array.from({ length: 8 }, async () => {
      while (!done.signal.aborted) {
        const response = await fetch(`${gateway.url}/x`);
        await response.text();
        statuses.push(response.status);
      }
    });
    const loads = () => gateway.lines.filter(({ event }) => event === 'config_activated').length;
    for (let change = 1; change <= 6; change += 1) {
      await file.replace(
        prefixRoutes({ '/x': change % 2 === 0 ? one.url : other.url, [`/${change}`]: one.url }),
      );
      await eventually(() => {
        expect(loads()).toBe(change);
      });
    }
    done.abort();
    await Promise.all(load);
    expect(statuses.length).toBeGreaterThan(50);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test('and is broken leaves the last good one in force, and says so until it is mended', async () => {
    const { file, gateway } = await watching(prefixRoutes({ '/x': one.url }));
    const status = async () => (await request(gateway.adminUrl()).get('/status')).body;
    const { configuration_hash: before } = await status();

    await file.replace({ services: [{ name: 'a', url: 'nowhere' }], rotues: [] });
    await eventually(async () => {
      expect((await status()).configuration.rejected?.mistakes).toEqual([
        'services[0].url: must be a URL of http or https',
        'rotues: is not known to this gateway',
      ]);
    });
    expect(await ask(gateway, '/x')).toBe('one');
    expect((await status()).configuration_hash).toBe(before);
    const { body } = await request(gateway.url).get('/health');
    expect(body.status).toBe('healthy');
    expect(body.checks.system.configuration).toMatchObject({
      status: 'unhealthy',
      error: expect.stringContaining('the last good configuration holds: services[0].url'),
    });
    expect(gateway.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        event: 'config_rejected',
      }),
    );

    await file.replace(prefixRoutes({ '/x': one.url }));
    await eventually(async () => {
      expect((await status()).configuration).not.toHaveProperty('rejected');
    });
  });

  test('takes no upstream from a request that a plugin still holds', async () => {
    const held = Promise.withResolvers<void>();
    const asking = await startUpstream((_request, response) => void held.promise.then(() => response.end()));
    const folder = await mkdtemp(join(tmpdir(), 'plaza-own-'));
    await writeFile(
      join(folder, 'asking.js'),
      `export const plugin = {
        name: 'asking',
        priority: 5,
        schema: { safeParse: (data) => ({ success: true, data }) },
        create: ({ url }) => ({ access: async () => { await fetch(url); } }),
      };`,
    );
    const pooled = {
      services: [{ name: 'x', host: 'pool', routes: [{ name: 'x', paths: ['/x'] }] }],
      upstreams: [{ name: 'pool', targets: [{ target: new URL(one.url).host }] }],
      plugins: [{ name: 'asking', config: { url: asking.url } }],
    };
    const gateway = await startGatewayWith(await createConfigFile(pooled), { GATEWAY_PLUGINS: folder });
    gateways.push(gateway);
    const asked = ask(gateway, '/x');
    await eventually(() => {
      expect(asking.requests).toHaveLength(1);
    });
    await request(gateway.adminUrl())
      .post('/config')
      .send(prefixRoutes({ '/x': other.url }))
      .expect(201);
    expect(await ask(gateway, '/x')).toBe('other');
    held.resolve();
    expect(await asked).toBe('one');
    await asking.close();
  });

  test('lets a request that is under way end with the configuration that it began with', async () => {
    const held = Promise.withResolvers<void>();
    const slow = await startUpstream(
      (_request, response) => void held.promise.then(() => response.end('slow')),
    );
    const { file, gateway } = await watching(prefixRoutes({ '/x': slow.url }));
    const asked = ask(gateway, '/x');
    await eventually(() => {
      expect(slow.requests).toHaveLength(1);
    });
    await file.replace(prefixRoutes({ '/y': one.url }));
    await eventually(async () => {
      expect(await ask(gateway, '/y')).toBe('one');
    });
    expect((await request(gateway.url).get('/x')).status).toBe(404);
    held.resolve();
    expect(await asked).toBe('slow');
    await slow.close();
  });
});
