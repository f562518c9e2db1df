import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadConfig } from '../src/kong-config/load-config.ts';
import { STANDARD_PLUGINS } from '../src/plugins/index.ts';

/** The configuration of a file that was written for Kong. */
function read(name: string) {
  const text = readFileSync(new URL(`kong-files/${name}`, import.meta.url), 'utf8');
  return loadConfig(text, { kinds: STANDARD_PLUGINS, environment: {} });
}

test('what deck dumps of Kong 3 loads as it is', () => {
  const { config, mistakes } = read('deck-dump.yml');
  expect(mistakes).toBeUndefined();
  expect(config).toMatchObject({
    services: [
      { name: 'shop', path: '/v1', retries: 5, address: { host: 'shop.upstream', port: undefined } },
    ],
    routes: [
      { name: 'items', paths: [{ value: '/items' }, { kind: 'regex', value: '/item/(?<id>\\d+)$' }] },
      { name: 'orders', stripPath: false, protocols: new Set(['https']) },
    ],
    upstreams: [{ targets: [{ target: '10.0.0.1:8080' }, { target: '10.0.0.2:8080', weight: 0 }] }],
    consumers: [{ username: 'ada', acls: ['readers'], jwtSecrets: [{ key: 'ada-issuer' }] }],
  });
  expect(config?.plugins).toHaveLength(15);
});

test('what kong config db_export writes loads as it is: all beside each other, told apart by ids', () => {
  const { config, mistakes } = read('db-export.yml');
  expect(mistakes).toBeUndefined();
  expect(config).toMatchObject({
    services: [{ name: 'shop', id: '0b0a8f5e-7a4c-4b2f-8a43-0d3c7c3c1a04' }],
    routes: [{ name: 'items', service: { name: 'shop' } }],
    plugins: [{ name: 'key-auth', route: 'items', service: undefined }],
    upstreams: [{ name: 'shop.upstream', targets: [{ id: '0b0a8f5e-7a4c-4b2f-8a43-0d3c7c3c1a08' }] }],
    consumers: [{ username: 'ada', keyauthCredentials: [{ key: 'a-key-of-ada' }], acls: ['readers'] }],
  });
});

test('the course’s object loads as it is: no version, routes and plugins beside the services', () => {
  const { config, mistakes } = read('course.json');
  expect(mistakes).toBeUndefined();
  expect(config).toMatchObject({
    services: [{ name: 'users-service' }, { name: 'posts-service' }, { name: 'orders-service' }],
    routes: [{ service: { name: 'users-service' } }, {}, { name: 'orders-route', stripPath: true }],
    plugins: [{ name: 'rate-limiting', config: { minute: 100, hour: 1000 } }, { name: 'cors' }],
  });
});
