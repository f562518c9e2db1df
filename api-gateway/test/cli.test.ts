import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { createConfigFile } from './config-file.ts';

const main = fileURLToPath(new URL('../src/cli/cli.ts', import.meta.url));

function gateway(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', main, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '' },
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

const shop = {
  services: [{ name: 'shop', url: 'http://shop:8080/v1' }],
  routes: [
    { name: 'items', service: 'shop', paths: ['/shop'] },
    { name: 'item', service: 'shop', paths: ['~/shop/(?<id>\\d+)$'], strip_path: false },
    { name: 'tests', service: 'shop', paths: ['/shop'], hosts: ['*.test'], methods: ['GET'] },
  ],
};

describe('npm run gateway', () => {
  test('-- validate finds nothing wrong with the file that comes along', () => {
    expect(gateway('validate')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/ is valid: \d+ services/),
    });
  });

  test('-- validate names every mistake, and ends with 1', async () => {
    const { path } = await createConfigFile({
      services: [{ name: 'a', url: 'nowhere' }],
      vaults: [],
      plugins: [{ name: 'oauth2' }],
    });
    const { status, stderr } = gateway('validate', path);
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      `${path} has 3 mistakes:`,
      '  services[0].url: must be a URL of http or https',
      expect.stringMatching(/^ {2}vaults: values of the environment/),
      expect.stringMatching(/^ {2}plugins\[0\]\.name: oauth2 is a plugin of Kong/),
      '',
    ]);
  });

  test('-- routes lists them in the order in which they are tried', async () => {
    const { path } = await createConfigFile(shop);
    const rows = gateway('routes', '--config', path).stdout.trimEnd().split('\n');
    expect(rows.map((row) => row.split(/ +/)[0])).toEqual(['ROUTE', 'tests', 'item', 'items']);
    expect(rows[1]).toMatch(/^tests +GET +\/shop +\*\.test +http:\/\/shop:8080\/v1$/);
  });

  test('-- routes METHOD PATH says which one a request takes, and why', async () => {
    const { path } = await createConfigFile(shop);
    const { status, stdout } = gateway('routes', 'get', '/shop/7?x=1', '--config', path);
    expect([status, stdout.split('\n')]).toEqual([
      0,
      [
        'GET /shop/7?x=1 takes the route item',
        '  service   shop: http://shop:8080/v1',
        '  is asked  GET /v1/shop/7?x=1',
        '  because   the path matches ~/shop/(?<id>\\d+)$',
        '  captures  1 = 7, id = 7',
        '  before    items, which matches too: an expression goes before a prefix',
        '',
      ],
    ]);
    const hosted = gateway('routes', 'GET', '/shop/7', '-H', 'Host: a.test', '--config', path);
    expect(hosted.stdout).toMatch(
      /takes the route tests\n(?:.*\n)+ {2}before {4}item, .* it asks for less\n/,
    );
  });

  test('-- routes METHOD PATH ends with 1 where there is none, and says what came near', async () => {
    const routes = [{ name: 'only-get', service: 'shop', paths: ['/x'], methods: ['GET'] }];
    const { path } = await createConfigFile({ ...shop, routes });
    expect(gateway('routes', 'POST', '/x', '--config', path)).toMatchObject({
      status: 1,
      stdout: 'No route: the path matches only-get, but not the method, the host or the headers.\n',
    });
  });

  test('-- routes takes a whole URL as well, and says what is answered to what is none', async () => {
    const { path } = await createConfigFile(shop);
    const url = gateway('routes', 'GET', 'http://a.test/shop/7?x=1', '--config', path);
    expect(url.stdout).toMatch(/^GET \/shop\/7\?x=1 takes the route tests\n/);
    expect(gateway('routes', 'GET', '/a/../b', '--config', path)).toEqual({
      status: 1,
      stdout: 'No route: the gateway answers 400. The path has a dot segment (. or ..).\n',
      stderr: '',
    });
  });

  test.each([[[]], [['nonsense']], [['routes', 'GET']], [['routes', 'GET', '/x', '-H', 'nonsense']]])(
    '%j is told how it is used',
    (args) => {
      expect(gateway(...args)).toMatchObject({ status: 64, stderr: expect.stringContaining('Usage:') });
    },
  );
});
