import { expect, test } from '@jest/globals';
import { withDatabase, createServiceEnvironment } from '../src/services/environment.ts';
import type { WorkspaceService } from '../src/services/services.ts';

const service: WorkspaceService = {
  name: 'echo-service',
  label: 'echo-service',
  version: '1.2.3',
  directory: '/',
  port: 3009,
  uses: ['redis'],
  sources: [],
};

test('binds a service to loopback, with its own address, its servers and the addresses of the other services', () => {
  const servers = { redis: 'redis://there', mongodb: 'mongodb://there' };
  const ports = new Map([
    ['echo-service', 1],
    ['shout-service', 2],
    ['service-registry', 3],
    ['api-gateway', 4],
  ]);

  expect(createServiceEnvironment(service, servers, ports)).toEqual({
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    SERVICE_NAME: 'echo-service',
    SERVICE_VERSION: '1.2.3',
    LOG_FORMAT: 'pretty',
    PORT: '1',
    SERVICE_URL: 'http://127.0.0.1:1',
    REDIS_URL: 'redis://there',
    SHOUT_SERVICE_URL: 'http://127.0.0.1:2',
    REGISTRY_URL: 'http://127.0.0.1:3',
  });
});

test.each([
  ['mongodb://127.0.0.1:27017', 'mongodb://127.0.0.1:27017/people'],
  ['mongodb://127.0.0.1:27017/', 'mongodb://127.0.0.1:27017/people'],
  ['mongodb://a:1,b:2/other?replicaSet=rs', 'mongodb://a:1,b:2/people?replicaSet=rs'],
  ['mongodb+srv://user:secret@host?w=1', 'mongodb+srv://user:secret@host/people?w=1'],
])('puts another database into %s', (uri, expected) => {
  expect(withDatabase(uri, 'people')).toBe(expected);
});
