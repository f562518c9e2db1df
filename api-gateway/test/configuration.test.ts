import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { readDeclaration } from '../src/declaration/read-declaration.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const service = {
  name: 'users',
  url: 'http://users-service/users',
  routes: [{ name: 'users', paths: ['/api/users'] }],
};

/** The mistakes of a file with these services. */
const mistakesIn = (...services: unknown[]) =>
  readDeclaration(JSON.stringify({ _format_version: '3.0', services })).mistakes;

describe('a declaration', () => {
  test('that comes along has no mistakes', () => {
    expect(readDeclaration(readFileSync(here('../gateway.yml'), 'utf8')).mistakes).toBeUndefined();
  });

  test('may say where a service is in one url or in parts', () => {
    const parts = { name: 'a', protocol: 'https', host: 'a.test', port: 8443, path: '/x' };
    const { declaration } = readDeclaration(
      JSON.stringify({
        _format_version: '3.0',
        services: [parts, { name: 'b', url: 'https://a.test:8443/x' }],
      }),
    );
    const [a, b] = declaration?.services ?? [];
    expect(a?.address).toEqual({ protocol: 'https:', host: 'a.test', port: 8443 });
    expect([b?.address, b?.path]).toEqual([a?.address, a?.path]);
  });

  test.each([
    ['http://users-service/users', undefined],
    ['http://users-service:80/users', 80],
    ['https://users-service:443', 443],
    ['http://users-service:3001', 3001],
  ])('of %s tells a port that is written from one that is not', (url, port) => {
    const { declaration } = readDeclaration(
      JSON.stringify({ _format_version: '3.0', services: [{ name: 'a', url }] }),
    );
    expect(declaration?.services[0]?.address.port).toBe(port);
  });

  test('may have its routes beside its services, as the course writes it', () => {
    const { declaration } = readDeclaration(`
      _format_version: "3.0"
      services:
        - { name: users, url: "http://users-service" }
      routes:
        - { name: users, service: users, paths: [/api/users] }
    `);
    expect(declaration?.routes).toMatchObject([
      { name: 'users', service: { name: 'users' }, stripPath: true },
    ]);
  });

  test.each<[string, unknown, string]>([
    ['a plugin', { ...service, plugins: [] }, 'services[0].plugins: is not supported by this gateway'],
    ['a typing error', { ...service, roots: [] }, 'services[0].roots: is not supported by this gateway'],
    ['no name', { ...service, name: undefined }, 'services[0].name: is required'],
    [
      'a name with a space',
      { ...service, name: 'a b' },
      'services[0].name: must be of letters, digits and . - _ ~',
    ],
    ['nowhere to go', { name: 'a' }, 'services[0]: must have a url or a host'],
    [
      'a url of another kind',
      { name: 'a', url: 'ftp://a' },
      'services[0].url: must be a URL of http or https',
    ],
    [
      'a url that is none',
      { name: 'a', url: 'users-service' },
      'services[0].url: must be a URL of http or https',
    ],
    [
      'a url with a password',
      { name: 'a', url: 'http://u:p@a' },
      'services[0].url: must be a protocol, a host, a port and a path: no more',
    ],
    [
      'a url and a host',
      { name: 'a', url: 'http://a', host: 'b' },
      'services[0].host: stands in the url already',
    ],
    ['a port that is none', { name: 'a', host: 'a', port: 70_000 }, 'services[0].port: '],
    [
      'a method of a route',
      { ...service, routes: [{ name: 'r', paths: ['/a'], methods: ['GET'] }] },
      'services[0].routes[0].methods: is not supported by this gateway',
    ],
    [
      'a route without paths',
      { ...service, routes: [{ name: 'r' }] },
      'services[0].routes[0].paths: is required',
    ],
    [
      'a route with no path in its paths',
      { ...service, routes: [{ name: 'r', paths: [] }] },
      'services[0].routes[0].paths: must have one path at least',
    ],
    [
      'a regular expression',
      { ...service, routes: [{ name: 'r', paths: ['~/a/\\d+'] }] },
      'services[0].routes[0].paths[0]: is a regular expression: only prefixes are supported',
    ],
    [
      'a path without a slash',
      { ...service, routes: [{ name: 'r', paths: ['api'] }] },
      'services[0].routes[0].paths[0]: must begin with /',
    ],
    [
      'a path that no request can have',
      { ...service, routes: [{ name: 'r', paths: ['/a/../b'] }] },
      'services[0].routes[0].paths[0]: would never match: The path has a dot segment (. or ..).',
    ],
    [
      'a path spelled in another way than requests are',
      { ...service, routes: [{ name: 'r', paths: ['/%61'] }] },
      'services[0].routes[0].paths[0]: must be written /a',
    ],
  ])('with %s is refused with its place', (_name, wrong, mistake) => {
    expect(mistakesIn(wrong)).toEqual([expect.stringContaining(mistake)]);
  });

  test.each<[string, string, string]>([
    ['no version', '{}', '_format_version: must be "3.0", in quotes'],
    ['the version as a number', '_format_version: 3.0', '_format_version: must be "3.0", in quotes'],
    [
      'an unknown part',
      '{"_format_version": "3.0", "consumers": []}',
      'consumers: is not supported by this gateway',
    ],
    ['nothing in it', '', 'the file: '],
    ['no YAML in it', 'services: [', 'at line 1'],
    ['a key twice', '_format_version: "3.0"\n_format_version: "3.0"', 'Map keys must be unique at line 2'],
  ])('with %s is refused', (_name, text, mistake) => {
    expect(readDeclaration(text).mistakes).toEqual([expect.stringContaining(mistake)]);
  });

  test('that contradicts itself is refused', () => {
    const { mistakes } = readDeclaration(
      JSON.stringify({
        _format_version: '3.0',
        services: [service, { ...service, routes: [] }],
        routes: [
          { name: 'users', service: 'users', paths: ['/other'] },
          { name: 'more', service: 'nobody', paths: ['/api/users'] },
        ],
      }),
    );
    expect(mistakes).toEqual([
      'services: two have the name users',
      'routes: two have the name users',
      'routes: two have the path /api/users, and one of them would never match',
      'routes[1].service: no service has the name nobody',
    ]);
  });
});

describe('the start', () => {
  /** Runs the gateway with this environment, which is expected to be wrong. */
  function start(environment: Record<string, string>) {
    return spawnSync(process.execPath, ['--conditions=source', here('../src/main.ts')], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      encoding: 'utf8',
      timeout: 20_000,
    });
  }

  test('names every mistake of the environment and of the file at once, and exits with 78', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'plaza-')), 'gateway.yml');
    writeFileSync(
      file,
      '_format_version: "3.0"\nservices: [{ name: a, url: nowhere }, { name: b, hosts: [] }]\n',
    );
    const { status, stderr } = start({
      PORT: 'three',
      RATE_LIMIT_USER: '100/1x',
      CORS_ORIGINS: 'https://shop.test/path',
      USERS_SERVICE_URL: 'users-service',
      GATEWAY_CONFIG: file,
    });
    expect(status).toBe(78);
    for (const mistake of [
      'PORT: ',
      'RATE_LIMIT_USER: "100/1x" is no limit: write 100/15m',
      'CORS_ORIGINS.0: "https://shop.test/path" is no origin',
      'USERS_SERVICE_URL: expected a URL of http or https://',
      `GATEWAY_CONFIG: ${file}: services[0].url: must be a URL`,
      `GATEWAY_CONFIG: ${file}: services[1].hosts: is not supported`,
    ])
      expect(stderr).toContain(mistake);
  });

  test('says which file is not there', () => {
    const { status, stderr } = start({ GATEWAY_CONFIG: '/nowhere/gateway.yml' });
    expect(status).toBe(78);
    expect(stderr).toMatch(/GATEWAY_CONFIG: \/nowhere\/gateway\.yml: cannot be read: ENOENT/);
  });
});
