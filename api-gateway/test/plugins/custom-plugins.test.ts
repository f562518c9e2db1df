import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import request from 'supertest';
import { loadCustomPlugins } from '../../src/plugins/custom-plugins.ts';
import { startUpstream, type Gateway } from '../test-gateway.ts';
import { createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
const GATEWAY_PLUGINS = fileURLToPath(new URL('custom', import.meta.url));

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(harness.folder, `own-${Object.keys(files).join('-')}`);
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('a plugin of one’s own', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    const entry = { name: 'tenant', config: { tenants: ['red', 'blue'] } };
    gateway = await harness.gateway(await harness.upstream(), [entry], { environment: { GATEWAY_PLUGINS } });
  });

  test('is a file in a folder, and does what it says', async () => {
    const ask = (tenant: string) => request(gateway.url).get('/api').set('X-Tenant', tenant);
    await ask('red').expect(200).expect('x-tenant-requests', '1');
    const { body, headers } = await ask('red');
    expect([body.headers['x-tenant-id'], headers['x-tenant-requests']]).toEqual(['red', '2']);
    const refused = await ask('green');
    expect([refused.status, refused.body.message]).toEqual([403, '"green" is no tenant.']);
  });

  test('has its configuration checked by its own schema', async () => {
    const gatewayWith = harness.gateway(
      await harness.upstream(),
      [{ name: 'tenant', config: { tenants: [] } }],
      {
        environment: { GATEWAY_PLUGINS },
      },
    );
    await expect(gatewayWith).rejects.toThrow('plugins[0].config.tenants: must be 1 at least');
  });
});

test.each([
  [true, 1],
  [undefined, 0],
])(
  'a custom plugin with countsAuthErrors %s sees %i of the requests with an invalid key',
  async (counts, seen) => {
    const folder = folderOf({
      [`counting-${String(counts)}.js`]: `
      export const plugin = {
        name: 'counting',
        priority: 5,
        ${counts === undefined ? '' : `countsAuthErrors: ${String(counts)},`}
        schema: { safeParse: (data) => ({ success: true, data }) },
        create: (config, { shared }) => {
          const state = shared('seen', () => ({ seen: 0 }));
          return {
            access: ({ path, response }) => {
              if (path === '/api/seen') response.json(state);
              else state.seen += 1;
            },
          };
        },
      };`,
    });
    const gateway = await harness.gateway(
      await harness.upstream(),
      [{ name: 'counting' }, { name: 'key-auth', config: { run_on_preflight: false } }],
      { environment: { GATEWAY_PLUGINS: folder } },
    );
    await request(gateway.url).get('/api').set('apikey', 'unknown').expect(401);
    expect((await request(gateway.url).options('/api/seen').expect(200)).body).toEqual({ seen });
  },
);

describe('a plugin of one’s own that throws', () => {
  const throwing = `
    const fail = () => { throw new Error('a defect'); };
    export const plugin = {
      name: 'throwing',
      priority: 5,
      schema: { safeParse: (data) => ({ success: true, data }) },
      create: ({ hook }) => ({
        [hook]: fail,
        ...(hook === 'chunk' || hook === 'end'
          ? { headerFilter: () => ({ chunk: () => undefined, end: () => undefined, [hook]: fail }) }
          : {}),
      }),
    };`;
  let folder: string;
  beforeAll(() => {
    folder = folderOf({ 'throwing.js': throwing });
  });

  test.each([
    ['access', 500, 'request_failed'],
    ['headerFilter', 500, 'request_failed'],
    ['chunk', 200, 'plugin_body_filter_failed'],
    ['end', 200, 'plugin_body_filter_failed'],
    ['log', 200, 'plugin_log_failed'],
    ['close', 200, 'plugin_close_failed'],
  ])('in %s affects its request alone and is logged', async (hook, status, event) => {
    const gateway = await harness.gateway(
      await harness.upstream(),
      [{ name: 'throwing', route: 'api', config: { hook } }],
      { routes: [{ name: 'other', paths: ['/other'] }], environment: { GATEWAY_PLUGINS: folder } },
    );
    await request(gateway.url).get('/api').expect(status);
    await request(gateway.url).get('/other').expect(200);
    await gateway.stop();
    const said = gateway.lines.filter(({ level }) => level === 'error');
    expect(said).toMatchObject([{ event, fields: { error: { message: 'a defect' } } }]);
  });
});

describe('a plugin that cannot be made', () => {
  /** Listens on a port while it is active, and shares state with later instances. */
  const listening = `
    import { createServer } from 'node:net';
    export const plugin = {
      name: 'listening',
      priority: 5,
      schema: { safeParse: (data) => ({ success: true, data }) },
      create: ({ port, key }, { shared }) => {
        const times = shared(key, () => ({ made: 0 }));
        times.made += 1;
        const server = createServer().listen(port, '127.0.0.1');
        return {
          headerFilter: (requestContext, responseHead) => responseHead.headers.set('times-made', String(times.made)),
          close: () => new Promise((closed) => server.close(closed)),
        };
      },
    };`;
  const failing = `
    export const plugin = {
      name: 'failing',
      priority: 4,
      schema: { safeParse: (data) => ({ success: true, data }) },
      create: () => { throw new Error('no such thing'); },
    };`;

  test('leaves nothing behind of those made before it, and the configuration in force as it is', async () => {
    const folder = folderOf({ 'listening.js': listening, 'failing.js': failing });
    const upstream = await harness.upstream();
    const gateway = await harness.gateway(upstream, [], { environment: { GATEWAY_PLUGINS: folder } });
    const [first, second] = [await freePort(), await freePort()];
    const withPlugins = (...plugins: object[]) => ({
      services: [{ name: 'echo', url: upstream.url, routes: [{ name: 'api', paths: ['/api'] }] }],
      plugins,
    });
    const entry = (port: number) => ({ name: 'listening', config: { port, key: 'times' } });
    const post = (document: object) => request(gateway.adminUrl()).post('/config').send(document);

    const refused = await post(withPlugins(entry(first), { name: 'failing', route: 'api' })).expect(400);
    expect(refused.body.message).toContain('plugins: failing/route:api: no such thing');
    await eventually(async () => {
      expect(await accepts(first)).toBe(false);
    });
    expect((await request(gateway.url).get('/api').expect(200)).headers).not.toHaveProperty('times-made');

    await post(withPlugins(entry(second))).expect(201);
    expect((await request(gateway.url).get('/api')).headers['times-made']).toBe('1');
    await post(withPlugins(entry(first), { name: 'failing' })).expect(400);
    expect((await request(gateway.url).get('/api')).headers['times-made']).toBe('2');
    expect(await accepts(second)).toBe(true);
    await gateway.stop();
    expect(await accepts(second)).toBe(false);
  });
});

/** A port without a listener. */
async function freePort(): Promise<number> {
  const server = await startUpstream();
  await server.close();
  return server.port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('a folder', () => {
  test.each([
    ['broken.js', 'export const plugin = ;', /broken\.js: cannot be loaded: /],
    ['empty.js', 'export const other = 1;', /empty\.js: plugin: /],
    [
      'bare.js',
      "export const plugin = { name: 'bare', priority: 1, create: () => ({}) };",
      /bare\.js: plugin\.schema: must be a schema of zod/,
    ],
    [
      'taken.js',
      "export const plugin = { name: 'cors', priority: 1, schema: { safeParse() {} }, create: () => ({}) };",
      /taken\.js: there is a plugin cors already/,
    ],
  ])('with %s has a mistake that says so', async (name, text, mistake) => {
    const { kinds, mistakes } = await loadCustomPlugins(folderOf({ [name]: text }));
    expect(kinds).toEqual([]);
    expect(mistakes).toEqual([expect.stringMatching(mistake)]);
  });

  test('that is not there is a mistake of the environment', async () => {
    const gateway = harness.gateway(await harness.upstream(), [], {
      environment: { GATEWAY_PLUGINS: '/nowhere' },
    });
    await expect(gateway).rejects.toThrow('GATEWAY_PLUGINS: /nowhere: cannot be read: ENOENT');
  });

  test('may have other files as well', async () => {
    expect(await loadCustomPlugins(folderOf({ 'README.md': '# x', 'types.d.ts': '' }))).toEqual({
      kinds: [],
      mistakes: [],
    });
  });
});
