import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { vaultEnvironment } from '../src/config.ts';
import { loadConfig, type LoadOptions } from '../src/kong-config/load-config.ts';
import { STANDARD_PLUGINS } from '../src/plugins/index.ts';

const PEM = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const read = (document: unknown, environment: LoadOptions['environment'] = {}) =>
  loadConfig(typeof document === 'string' ? document : JSON.stringify(document), {
    kinds: STANDARD_PLUGINS,
    environment,
  });

const service = {
  name: 'users',
  url: 'http://users-service/users',
  routes: [{ name: 'users', paths: ['/api/users'] }],
};

/** The mistakes of a file with these services. */
const mistakesIn = (...services: unknown[]) => read({ _format_version: '3.0', services }).mistakes;

const withRoute = (route: object) => ({ ...service, routes: [{ name: 'r', paths: ['/a'], ...route }] });

describe('a declarative configuration', () => {
  test('that comes along has no mistakes', () => {
    expect(read(readFileSync(here('../gateway.yml'), 'utf8'), vaultEnvironment({})).mistakes).toBeUndefined();
  });

  test('has values of one byte a character, whatever else its file says', () => {
    const text = `# →\nplugins:\n  - name: cors\n    config: { exposed_headers: [RateLimit-Policy] }\n`;
    const config = z
      .object({ exposed_headers: z.array(z.string()) })
      .parse(read(text).config?.plugins[0]?.config);
    expect(config.exposed_headers.map((name) => serialize(name))).toEqual([serialize('RateLimit-Policy')]);
  });

  test('may say where a service is in one url or in parts', () => {
    const parts = { name: 'a', protocol: 'https', host: 'a.test', port: 8443, path: '/x' };
    const { config } = read({ services: [parts, { name: 'b', url: 'https://a.test:8443/x' }] });
    const [a, b] = config?.services ?? [];
    expect(a?.address).toEqual({ protocol: 'https:', host: 'a.test', port: 8443 });
    expect([b?.address, b?.path]).toEqual([a?.address, a?.path]);
  });

  test.each([
    ['http://users-service/users', undefined],
    ['http://users-service:80/users', 80],
    ['https://users-service:443', 443],
    ['http://users-service:3001', 3001],
    ['http://httpbin.org/anything', 80],
    ['https://httpbin.org/anything', 443],
    ['http://localhost', 80],
    ['http://127.0.0.1', 80],
    ['http://[::1]/', 80],
  ])('of %s tells a name in the registry from an address', (url, port) => {
    expect(read({ services: [{ name: 'a', url }] }).config?.services[0]?.address.port).toBe(port);
  });

  test('with an upstream balances over it, whatever port the service names', () => {
    const { config } = read({
      services: [{ name: 'a', url: 'http://a.service:8000' }],
      upstreams: [{ name: 'a.service', targets: [{ target: '10.0.0.1' }, { target: 'b:1', weight: 5 }] }],
    });
    expect(config?.services[0]?.address).toEqual({
      protocol: 'http:',
      host: 'a.service',
      port: undefined,
    });
    expect(config?.upstreams[0]?.targets).toMatchObject([
      { target: '10.0.0.1:8000', weight: 100 },
      { target: 'b:1', weight: 5 },
    ]);
  });

  test.each([['users'], [{ name: 'users' }], [{ id: '5f1d3b8e-3a1c-4a39-9a5b-0c6f5b0f6f11' }]])(
    'refers to a service as %j',
    (to) => {
      const id = '5f1d3b8e-3a1c-4a39-9a5b-0c6f5b0f6f11';
      const routes = [{ service: to, paths: ['/x'] }];
      const { config } = read({ services: [{ ...service, id, routes: [] }], routes });
      expect(config?.routes[0]?.service?.name).toBe('users');
    },
  );

  test('takes nulls, comments, ids and times for what they are in Kong’s own dumps', () => {
    const { mistakes } = read({
      _format_version: '3.0',
      _transform: true,
      _comment: 'a dump',
      _ignore: [{ anything: 1 }],
      services: [
        {
          ...service,
          _comment: 'ours',
          created_at: 1,
          updated_at: 2,
          client_certificate: null,
          tls_verify: null,
          retries: 5,
          routes: [{ paths: ['/a'], path_handling: 'v0', request_buffering: true, snis: null }],
        },
      ],
    });
    expect(mistakes).toBeUndefined();
  });

  test('has its consumers’ credentials and groups inside them or beside them', () => {
    const { config } = read({
      consumers: [
        { username: 'ada', keyauth_credentials: [{ key: 'k1' }], acls: [{ group: 'readers' }] },
        { custom_id: '42' },
      ],
      keyauth_credentials: [{ consumer: { username: 'ada' }, key: 'k2' }],
      jwt_secrets: [{ consumer: '42', key: 'iss', algorithm: 'EdDSA', rsa_public_key: PEM }],
      acls: [{ consumer: 'ada', group: 'writers' }],
    });
    expect(config?.consumers).toMatchObject([
      { username: 'ada', keyauthCredentials: [{ key: 'k1' }, { key: 'k2' }], acls: ['readers', 'writers'] },
      { username: '42', customId: '42', jwtSecrets: [{ key: 'iss', rsaPublicKey: PEM }] },
    ]);
  });

  test.each<[string, unknown, string]>([
    ['a typing error', { ...service, roots: [] }, 'services[0].roots: is not known to this gateway'],
    [
      'a certificate',
      { ...service, client_certificate: { id: 'x' } },
      'services[0].client_certificate: this gateway shows no certificate of its own',
    ],
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
      'a url without a host that can be',
      { name: 'a', url: 'http://{a}/x' },
      'services[0].url: must have a host of letters, digits, . - and _',
    ],
    [
      'a url with a password',
      { name: 'a', url: 'http://u:p@a' },
      'services[0].url: must have a protocol, host, port and path only',
    ],
    [
      'a url and a host',
      { name: 'a', url: 'http://a', host: 'b' },
      'services[0].host: is part of the url already',
    ],
    [
      'a port that is none',
      { name: 'a', host: 'a', port: 70_000 },
      'services[0].port: must be 65535 at most',
    ],
    ['gRPC', { name: 'a', host: 'a', protocol: 'grpc' }, 'services[0].protocol: must be http or https'],
    ['a text for a number', { ...service, retries: 'no' }, 'services[0].retries: must be a number'],
    [
      'a method in small letters',
      withRoute({ methods: ['get'] }),
      'services[0].routes[0].methods[0]: must be a method in capitals',
    ],
    [
      'a route for nothing',
      { ...service, routes: [{ name: 'r' }] },
      'services[0].routes[0]: must have paths, methods, hosts or headers',
    ],
    [
      'a route with no path in its paths',
      withRoute({ paths: [] }),
      'services[0].routes[0].paths: must have at least one path',
    ],
    [
      'an expression that is none',
      withRoute({ paths: ['~/a/(\\d+'] }),
      'services[0].routes[0].paths[0]: is no regular expression: Unterminated group',
    ],
    [
      'an expression that backtracks without end',
      withRoute({ paths: ['~/(a+)+$'] }),
      'services[0].routes[0].paths[0]: would stop the gateway: (a+)+ can match one text in exponentially many ways',
    ],
    [
      'such an expression for a header',
      withRoute({ headers: { 'x-v': ['1', '~*^(\\d+|x)*$'] } }),
      'services[0].routes[0].headers.x-v[1]: would stop the gateway: (\\d+|x)* can match',
    ],
    [
      'a path without a slash',
      withRoute({ paths: ['api'] }),
      'services[0].routes[0].paths[0]: must begin with / (a prefix) or with ~/ (a regular expression)',
    ],
    [
      'a path that no request can have',
      withRoute({ paths: ['/a/../b'] }),
      'services[0].routes[0].paths[0]: would never match: The path has a dot segment (. or ..).',
    ],
    [
      'a path spelled in another way than requests are',
      withRoute({ paths: ['/%61'] }),
      'services[0].routes[0].paths[0]: must be written /a',
    ],
    ['a host that is none', withRoute({ hosts: ['a b'] }), 'services[0].routes[0].hosts[0]: must be a host'],
    [
      'the host among the headers',
      withRoute({ headers: { Host: ['a'] } }),
      'services[0].routes[0].headers.Host: stands in hosts',
    ],
    [
      'Kong’s old paths',
      withRoute({ path_handling: 'v1' }),
      'services[0].routes[0].path_handling: must be v0',
    ],
    ['SNIs', withRoute({ snis: ['a'] }), 'services[0].routes[0].snis: this gateway does not end TLS'],
  ])('with %s is refused with its place', (_name, wrong, mistake) => {
    expect(mistakesIn(wrong)).toEqual([expect.stringContaining(mistake)]);
  });

  test.each<[string, unknown, string]>([
    ['another version', '{"_format_version": "1.1"}', '_format_version: must be "3.0", in quotes'],
    ['the version as a number', '_format_version: 3.0', '_format_version: must be "3.0", in quotes'],
    ['certificates', { certificates: [{}] }, 'certificates: this gateway does not end TLS'],
    ['an unknown part', { sevrices: [] }, 'sevrices: is not known to this gateway'],
    ['nothing in it', '', 'the file: is empty'],
    ['nothing but a comment', '# later', 'the file: is empty'],
    ['a text', 'later', 'the file: must be an object with services, routes, plugins and so on'],
    ['tabs', 'services:\n\t- name: a', 'line 2, column 1: Tabs are not allowed as indentation'],
    ['two documents', '_comment: a\n---\n', 'line 2, column 1: --- begins a second document'],
    ['an unknown tag', '_comment: !env A', 'line 1, column 11: Unresolved tag: !env'],
    ['itself in it', 'services: &all [*all]', 'the file: is too deep, or an alias in it'],
    ['no list', { services: {} }, 'services: must be a list'],
    [
      'defaults for deck to fill in',
      { _info: { defaults: { service: { retries: 3 } } } },
      '_info.defaults: is filled in by deck alone',
    ],
    ['a list', '[1]', 'the file: must be an object with services'],
    ['no YAML in it', 'services: [', 'line 1, column 12: Flow sequence'],
    [
      'a key twice',
      '_format_version: "3.0"\n_format_version: "3.0"',
      'line 2, column 1: Map keys must be unique',
    ],
    [
      'a plugin of Kong’s',
      { plugins: [{ name: 'oauth2' }] },
      'plugins[0].name: oauth2 is a plugin of Kong that',
    ],
    ['an unknown plugin', { plugins: [{ name: 'corss' }] }, 'plugins[0].name: no plugin has the name corss'],
    [
      'a target that is none',
      { upstreams: [{ name: 'u', targets: [{ target: 'a:b:c' }] }] },
      'upstreams[0].targets[0].target: must be host:port, or a selector',
    ],
    [
      'a target twice',
      { upstreams: [{ name: 'u', targets: [{ target: 'a' }, { target: 'a:8000' }] }] },
      'upstreams[0].targets[1].target: is a:8000, as upstreams[0].targets[0].target is',
    ],
    [
      'a hash on no header',
      { upstreams: [{ name: 'u', hash_on: 'header' }] },
      'upstreams[0].hash_on_header: is required: hash_on is header',
    ],
    [
      'an algorithm that is not there',
      { upstreams: [{ name: 'u', algorithm: 'latency' }] },
      'upstreams[0].algorithm: must be round-robin, least-connections or consistent-hashing',
    ],
    [
      'a token that is not checked',
      { consumers: [{ username: 'a', jwt_secrets: [{ key: 'k', secret: 's' }] }] },
      'consumers[0].jwt_secrets[0].algorithm: must be RS256 or EdDSA',
    ],
    [
      'a consumer of nothing',
      { consumers: [{ tags: [] }] },
      'consumers[0]: must have a username or a custom_id',
    ],
  ])('with %s is refused', (_name, document, mistake) => {
    expect(read(document).mistakes).toEqual(expect.arrayContaining([expect.stringContaining(mistake)]));
  });

  test.each(['jwt', 'key-auth'])('with a %s whose anonymous consumer is not there is refused', (name) => {
    const id = '5f1d3b8e-3a1c-4a39-9a5b-0c6f5b0f6f11';
    const anonymous = (username: string | null) =>
      read({
        consumers: [{ username: 'guest', id }],
        services: [{ ...service, plugins: [{ name, config: { anonymous: username } }] }],
      }).mistakes;
    expect(anonymous('nobody')).toEqual([
      'services[0].plugins[0].config.anonymous: no consumer has the username or the id nobody',
    ]);
    expect([anonymous('guest'), anonymous(id), anonymous(null)]).toEqual([undefined, undefined, undefined]);
  });

  test('names the mistakes of its parts and those between them at once', () => {
    const { mistakes } = read({
      services: [
        { ...service, port: 0, url: undefined, host: 'a' },
        { ...service, routes: [] },
      ],
      routes: [
        { name: 'users', service: 'users', paths: ['/other'] },
        { name: 'more', service: 'nobody', paths: ['/api/users'] },
      ],
      plugins: [{ name: 'oauth2', route: 'no-route' }],
      consumers: [{ username: 'ada', keyauth_credentials: [{ key: 'secret' }] }],
      keyauth_credentials: [{ consumer: 'bob', key: 'secret' }],
    });
    expect(mistakes).toEqual([
      'services[0].port: must be 1 at least',
      expect.stringMatching(/^plugins\[0\]\.name: oauth2 /),
      'services[1]: is called users, as services[0] is',
      'routes[0]: is called users, as services[0].routes[0] is',
      'keyauth_credentials[0].key: is the same as consumers[0].keyauth_credentials[0].key',
      'routes[1].paths[0]: matches /api/users with the same conditions as services[0].routes[0].paths[0]: it would never be used',
      'routes[1].service: no service has the name nobody',
      'keyauth_credentials[0].consumer: no consumer has the name bob',
      'plugins[0].route: no route has the name no-route',
    ]);
  });

  test('tells what is said twice, and where', () => {
    const id = '5f1d3b8e-3a1c-4a39-9a5b-0c6f5b0f6f11';
    const { mistakes } = read({
      services: [
        { id, name: 'a', url: 'http://a' },
        { id, name: 'b', url: 'http://b' },
      ],
      upstreams: [{ name: 'u', id, targets: [{ target: 'x:1' }] }, { name: 'u' }],
      targets: [{ upstream: { id }, target: 'x:1' }],
      consumers: [
        { username: 'ada', custom_id: '1' },
        { custom_id: 'ada' },
        { username: 'bob', custom_id: '1' },
      ],
      plugins: [
        { name: 'cors', instance_name: 'one' },
        { name: 'cors' },
        { name: 'jwt', service: 'a', instance_name: 'one' },
        { name: 'jwt', service: 'a' },
      ],
    });
    expect(mistakes).toEqual([
      'upstreams[1]: is called u, as upstreams[0] is',
      'consumers[1]: is called ada, as consumers[0] is',
      'consumers[2].custom_id: is 1, as consumers[0].custom_id is',
      `services[1].id: is ${id}, as services[0].id is`,
      'targets[0].target: is x:1, as upstreams[0].targets[0].target is',
      'plugins[2].instance_name: is one, as plugins[0].instance_name is',
      'plugins[1]: is cors for everything, as plugins[0] is',
      'plugins[3]: is jwt for the service a, as plugins[2] is',
    ]);
  });

  test('may share parts by anchors and merge keys, as Kong’s may', () => {
    const { config } = read(`
services:
  - &shop { name: shop, url: http://shop, retries: 3 }
  - { <<: *shop, name: copy }`);
    expect(config?.services).toMatchObject([
      { name: 'shop', retries: 3 },
      { name: 'copy', retries: 3, address: { host: 'shop' } },
    ]);
  });

  test('may have two routes of one path, for different methods', () => {
    const routes = ['GET', 'POST'].map((method) => ({ name: method, methods: [method], paths: ['/a'] }));
    expect(mistakesIn({ ...service, routes })).toBeUndefined();
  });
});

describe('a value of the environment', () => {
  const place = (host: string, environment: LoadOptions['environment'] = {}) =>
    read({ services: [{ name: 'a', host }] }, environment);

  test.each([
    ['{vault://env/USERS_HOST}', { USERS_HOST: 'a.test' }],
    ['{vault://env/users-host}', { USERS_HOST: 'a.test' }],
    ['{vault://env/hosts/users}', { HOSTS: '{"users": "a.test"}' }],
  ])('stands where %s is written', (reference, environment) => {
    const { config, document } = place(reference, environment);
    expect(config?.services[0]?.address.host).toBe('a.test');
    expect(JSON.stringify(document)).not.toContain('a.test');
  });

  test.each([
    [
      '{vault://env/nothing}',
      'services[0].host: {vault://env/nothing} is not set: the environment has no NOTHING',
    ],
    ['{vault://env/TEXT/key}', 'services[0].host: TEXT holds no object in JSON'],
    ['{vault://env/OBJECT/key}', 'services[0].host: the object in OBJECT has no key'],
    [
      '{vault://hcv/secret/key}',
      'services[0].host: {vault://hcv/secret/key} is of a vault that is not supported',
    ],
    ['{vault://env}', 'services[0].host: {vault://env} must be written {vault://env/NAME}'],
    [
      'http-{vault://env/TEXT}',
      'services[0].host: {vault://env/TEXT} must stand alone, and be the whole value',
    ],
  ])('that is missing is a mistake, and the only one: %s', (reference, mistake) => {
    const { mistakes } = place(reference, { TEXT: 'text', OBJECT: '{}' });
    expect(mistakes).toEqual([expect.stringContaining(mistake)]);
  });

  test('is not looked up in a comment', () => {
    expect(read({ _comment: 'say {vault://env/NOTHING}', services: [service] }).mistakes).toBeUndefined();
  });
});

describe('the start', () => {
  /** Runs the gateway with this environment, which must be invalid. */
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
      'CORS_ORIGINS: "https://shop.test/path" is no origin',
      'USERS_SERVICE_URL: expected a URL of http or https://',
      `GATEWAY_CONFIG: ${file}: services[0].url: must be a URL`,
      `GATEWAY_CONFIG: ${file}: services[1].hosts: is not known`,
    ])
      expect(stderr).toContain(mistake);
  });

  test('says which file is not there', () => {
    const { status, stderr } = start({ GATEWAY_CONFIG: '/nowhere/gateway.yml' });
    expect(status).toBe(78);
    expect(stderr).toMatch(/GATEWAY_CONFIG: \/nowhere\/gateway\.yml: cannot be read: ENOENT/);
  });
});
