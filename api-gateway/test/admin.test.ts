import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import request from 'supertest';
import { createConfigFile, startGatewayWith, type ConfigFile } from './config-file.ts';
import { sendRaw } from './raw-http-client.ts';
import { startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

let service: TestUpstream;
let file: ConfigFile;
let gateway: Gateway;

const document = () => ({
  _format_version: '3.0',
  services: [
    {
      name: 'shop',
      url: `${service.url}/shop`,
      read_timeout: 5_000,
      tags: ['a'],
      routes: [{ name: 'shop', paths: ['/shop', '~/s/(?<id>\\d+)$'], methods: ['GET'], hosts: ['*.test'] }],
      plugins: [{ name: 'correlation-id', instance_name: 'ids' }],
    },
    { name: 'pool', host: 'pool', routes: [{ name: 'pool', paths: ['/pool'] }] },
  ],
  upstreams: [{ name: 'pool', targets: [{ target: new URL(service.url).host, weight: 7 }] }],
  consumers: [{ username: 'ada', custom_id: '1', keyauth_credentials: [{ key: 'her-secret-key' }] }],
});

beforeAll(async () => {
  service = await startUpstream((_request, response) => response.end('served'));
  file = await createConfigFile(document());
  gateway = await startGatewayWith(file, { ADMIN_TEST_HOST: 'secret.test' });
});

afterAll(async () => {
  await gateway.stop();
  await service.close();
});

const admin = () => request(gateway.adminUrl());

describe('Kong’s Admin API', () => {
  test('lists services, by name and by id as well', async () => {
    const { body } = await admin().get('/services').expect(200);
    expect(body).toMatchObject({
      next: null,
      data: [{ name: 'shop' }, { name: 'pool', port: 80, path: null }],
    });
    const [shop] = body.data;
    expect(shop).toMatchObject({
      // The UUID of version 5 of urn:plaza:service:shop in the URL namespace.
      id: '0b1ebd18-0946-5edf-8896-8d9931362e8d',
      protocol: 'http',
      host: '127.0.0.1',
      port: service.port,
      path: '/shop',
      connect_timeout: 1_000,
      read_timeout: 5_000,
      tags: ['a'],
    });
    expect((await admin().get(`/services/${shop.id}`)).body).toEqual(shop);
    expect((await admin().get('/services/shop')).body).toEqual(shop);
  });

  test('lists routes as the file has them', async () => {
    const { body } = await admin().get('/services/shop/routes').expect(200);
    expect(body.data).toMatchObject([
      {
        name: 'shop',
        service: { name: 'shop' },
        paths: ['/shop', '~/s/(?<id>\\d+)$'],
        methods: ['GET'],
        hosts: ['*.test'],
        headers: null,
        path_handling: 'v0',
      },
    ]);
    expect((await admin().get('/routes')).body.data).toHaveLength(2);
    expect((await admin().get('/routes/pool/service')).body.name).toBe('pool');
  });

  test('lists consumers without their credentials, and plugins', async () => {
    const { body, text } = await admin().get('/consumers/ada').expect(200);
    expect(body).toMatchObject({ username: 'ada', custom_id: '1' });
    expect(text).not.toContain('her-secret-key');
    expect((await admin().get('/plugins')).body).toMatchObject({
      data: [{ name: 'correlation-id' }],
      next: null,
    });
    expect((await admin().get('/plugins/enabled')).body.enabled_plugins).toContain('rate-limiting');
  });

  test('tells how it is', async () => {
    const { body } = await admin().get('/status').expect(200);
    expect(body).toMatchObject({
      database: { reachable: true },
      configuration_hash: expect.stringMatching(/^[\da-f]{32}$/),
      configuration: { source: 'file' },
    });
    expect((await admin().get('/')).body.plugins.available_on_server).toContain('cors');
    expect((await admin().get('/metrics')).text).toContain('http_server_request_duration_seconds');
  });

  test('finds each by its name and by its id, alone and with what is its', async () => {
    const found = async (path: string) => (await admin().get(path).expect(200)).body;
    for (const path of [
      '/services/shop',
      '/routes/shop',
      '/upstreams/pool',
      '/consumers/ada',
      '/plugins/ids',
    ]) {
      const one = await found(path);
      expect(await found(path.replace(/[^/]+$/, one.id))).toEqual(one);
    }
    const [service, route, consumer] = [
      await found('/services/shop'),
      await found('/routes/shop'),
      await found('/consumers/ada'),
    ];
    expect(route.service).toEqual({ id: service.id, name: 'shop' });
    expect((await found(`/services/${service.id}/routes`)).data).toEqual([route]);
    expect(await found(`/services/shop/routes/${route.id}`)).toEqual(route);
    expect(await found(`/routes/${route.id}/service`)).toEqual(service);
    expect((await found('/services/shop/plugins')).data).toMatchObject([
      { instance_name: 'ids', route: null },
    ]);
    expect((await found('/consumers?custom_id=1')).data).toEqual([consumer]);
    expect((await found('/consumers?custom_id=2')).data).toEqual([]);
    expect((await found('/certificates')).data).toEqual([]);
  });

  test.each([
    '/services/none',
    '/services/none/routes',
    '/services/none/plugins',
    '/services/pool/routes/shop',
    '/routes/none',
    '/routes/none/service',
    '/plugins/none',
    '/consumers/none',
    '/upstreams/none',
    '/upstreams/none/targets',
    '/upstreams/none/health',
    '/upstreams/pool/targets/none',
    '/certificates/none',
    '/nothing',
  ])('answers 404 in Kong’s words at %s', async (path) => {
    const { status, body } = await admin().get(path);
    expect([status, body]).toEqual([404, { message: 'Not found' }]);
  });

  test.each([
    ['post', '/services', 'create', 'services'],
    ['put', '/services/shop', 'create or update', 'services'],
    ['patch', '/routes/shop', 'update', 'routes'],
    ['post', '/services/shop/routes', 'create', 'routes'],
    ['delete', '/consumers/ada', 'remove', 'consumers'],
    ['post', '/plugins', 'create', 'plugins'],
    ['post', '/upstreams', 'create', 'upstreams'],
  ] as const)('answers 405 to %s %s, and says what to do', async (method, path, verb, entities) => {
    const { status, body, headers } = await admin()[method](path).send({ name: 'x', url: 'http://x' });
    expect([status, body, headers['allow']]).toEqual([
      405,
      {
        message: `cannot ${verb} '${entities}' entities when not using a database: change the file, or POST /config`,
        name: 'operation unsupported',
        code: 12,
      },
      'GET, HEAD, OPTIONS',
    ]);
  });

  test('answers 405 to a method that a path does not have, and tells to OPTIONS which it has', async () => {
    const { status, body, headers } = await admin().delete('/status');
    expect([status, body, headers['allow']]).toEqual([
      405,
      { message: 'Method not allowed' },
      'GET, HEAD, OPTIONS',
    ]);
    const options = await admin().options('/upstreams/pool/targets/any').expect(204);
    expect(options.headers['allow']).toBe('GET, HEAD, PATCH, PUT, DELETE, OPTIONS');
  });
});

describe('targets', () => {
  const targets = async () =>
    (await admin().get('/upstreams/pool/targets')).body.data.map(
      ({ target, weight }: { target: string; weight: number }) => [target, weight],
    );

  test('are added, weighted and taken away, by forms as curl sends them and by JSON', async () => {
    const own = new URL(service.url).host;
    const added = await admin()
      .post('/upstreams/pool/targets')
      .type('form')
      .send('target=10.0.0.1:80&weight=3');
    expect([added.status, added.body.weight]).toEqual([201, 3]);
    expect(await targets()).toEqual([
      [own, 7],
      ['10.0.0.1:80', 3],
    ]);
    const patched = await admin().patch(`/upstreams/pool/targets/${own}`).send({ weight: 97 });
    expect(patched.body).toMatchObject({
      weight: 97,
      shared: true,
      shares: [{ share: 0.97 }, { share: 0.03 }],
    });
    await admin().delete('/upstreams/pool/targets/10.0.0.1:80').expect(204);
    expect(await targets()).toEqual([[own, 97]]);
    await admin().patch(`/upstreams/pool/targets/${own}`).send({ weight: 7 }).expect(200);
  });

  test('are found by their ids', async () => {
    const [target] = (await admin().get('/upstreams/pool/targets')).body.data;
    expect((await admin().get(`/upstreams/pool/targets/${target.id}`)).body).toEqual(target);
    expect((await admin().get(`/upstreams/pool/targets/${target.target}`)).body).toEqual(target);
    const patched = await admin()
      .patch(`/upstreams/pool/targets/${target.id}`)
      .send({ weight: 8 })
      .expect(200);
    expect(patched.body).toMatchObject({ target: target.target, weight: 8 });
    await admin().patch(`/upstreams/pool/targets/${target.id}`).send({ weight: 7 }).expect(200);
  });

  test.each<[string | object, string, string]>([
    [{ weight: 'much' }, 'weight', 'expected an integer'],
    [{ weight: 1.5 }, 'weight', 'expected an integer'],
    [{ weight: null }, 'weight', 'expected an integer'],
    [{ weight: true }, 'weight', 'expected an integer'],
    [{ weight: [] }, 'weight', 'expected an integer'],
    [{ weight: 70_000 }, 'weight', 'value should be between 0 and 65535'],
    [{ weight: -1 }, 'weight', 'value should be between 0 and 65535'],
    [{}, 'weight', 'required field missing'],
    [{ weight: 1, tags: ['x'] }, 'tags', 'can be set in the file only'],
    [{ weight: 1, wieght: 2 }, 'wieght', 'unknown field'],
    ['weight=', 'weight', 'expected an integer'],
    ['weight=ten', 'weight', 'expected an integer'],
    ['weight=-1', 'weight', 'value should be between 0 and 65535'],
    ['weight=1&weight=2', 'weight', 'expected an integer'],
    ['wieght=1', 'weight', 'required field missing'],
  ])('are not changed by %j', async (body, field, words) => {
    const own = new URL(service.url).host;
    const answer = await admin()
      .patch(`/upstreams/pool/targets/${own}`)
      .type(typeof body === 'string' ? 'form' : 'json')
      .send(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ name: 'schema violation', code: 2, fields: { [field]: words } });
    expect(await targets()).toEqual([[own, 7]]);
  });

  test('are not changed by what is no JSON', async () => {
    const answer = await admin()
      .patch(`/upstreams/pool/targets/${new URL(service.url).host}`)
      .type('json')
      .send('{"weight": ');
    expect([answer.status, answer.body.message]).toEqual([
      400,
      expect.stringMatching(/^Cannot parse JSON body: /),
    ]);
  });

  test('are not added twice', async () => {
    const own = new URL(service.url).host;
    const { status, body } = await admin().post('/upstreams/pool/targets').send({ target: own, weight: 1 });
    expect([status, body]).toEqual([
      409,
      expect.objectContaining({ name: 'unique constraint violation', code: 5 }),
    ]);
    expect(await targets()).toEqual([[own, 7]]);
  });

  test('that are none are refused in words', async () => {
    const answer = await admin().post('/upstreams/pool/targets').send({ target: 'a b' });
    expect([answer.status, answer.body.fields.target]).toEqual([
      400,
      expect.stringContaining('must be host:port'),
    ]);
    await admin().patch('/upstreams/pool/targets/10.0.0.9:80').send({ weight: 1 }).expect(404);
  });

  test('tell how they are', async () => {
    await request(gateway.url).get('/pool').expect(200);
    const { body } = await admin().get('/upstreams/pool/health').expect(200);
    expect(body.data).toMatchObject([
      { target: new URL(service.url).host, weight: 7, data: { addresses: [{ ip: '127.0.0.1' }] } },
    ]);
    expect(body.requests_by_version['']).toMatchObject({ '2xx': 1 });
  });
});

describe('a whole file', () => {
  const more = () => ({ ...document(), routes: [{ name: 'more', service: 'shop', paths: ['/more'] }] });
  const served = async () => (await request(gateway.url).get('/more')).status;

  test.each<[string, () => request.Test]>([
    [
      'JSON that has it in config',
      () =>
        admin()
          .post('/config')
          .send({ config: JSON.stringify(more()) }),
    ],
    ['JSON', () => admin().post('/config').send(more())],
    ['YAML', () => admin().post('/config').type('text/yaml').send(JSON.stringify(more()))],
    [
      'a form',
      () =>
        admin()
          .post('/config')
          .type('form')
          .send({ config: JSON.stringify(more()) }),
    ],
    ['a multipart form', () => admin().post('/config').field('config', JSON.stringify(more()))],
    [
      'a file',
      () =>
        admin()
          .post('/config')
          .attach('config', Buffer.from(JSON.stringify(more())), 'kong.yml'),
    ],
  ])('is taken as %s', async (_name, post) => {
    await admin().post('/config').send(document());
    expect(await served()).toBe(404);
    const { status, body } = await post();
    expect([status, body.routes?.length]).toEqual([201, 3]);
    expect(await served()).toBe(200);
  });

  test('with mistakes changes nothing, and they are all told', async () => {
    await admin().post('/config').send(more()).expect(201);
    const { body } = await admin()
      .post('/config')
      .send({ services: [{ name: 'a' }], vaults: [{}], routes: [{ service: 'none', paths: ['/'] }] })
      .expect(400);
    expect(body).toMatchObject({ name: 'invalid declarative configuration', code: 14 });
    expect(body.fields).toEqual({
      'services[0]': ['must have a url or a host'],
      vaults: [expect.stringContaining('{vault://env/NAME}')],
      'routes[0].service': ['no service has the name none'],
    });
    expect(await served()).toBe(200);
  });

  test('that is in force already is not loaded again where the hash is checked', async () => {
    await admin().post('/config').send(more());
    await admin().post('/config?check_hash=1').send(more()).expect(304);
  });

  test('comes back with its secrets still as references', async () => {
    const secret = { ...document(), routes: [{ paths: ['/v'], hosts: ['{vault://env/ADMIN_TEST_HOST}'] }] };
    await admin().post('/config').send(secret).expect(201);
    const { body } = await admin().get('/config').expect(200);
    expect(body.config).toContain('{vault://env/ADMIN_TEST_HOST}');
    expect(body.config).not.toContain('secret.test');
  });

  test('gives way to the file on disk when that changes', async () => {
    await admin().post('/config').send(more()).expect(201);
    await file.replace({ ...document(), _comment: 'changed' });
    await eventually(async () => {
      expect(await served()).toBe(404);
    });
    expect((await admin().get('/status')).body.configuration.source).toBe('file');
  });
});

describe('access', () => {
  let guarded: Gateway;

  beforeAll(async () => {
    guarded = await startGatewayWith(await createConfigFile(document()), {
      ADMIN_TOKEN: 'a-token-of-16-or-more',
    });
  });

  afterAll(() => guarded.stop());

  const status = async (headers: Readonly<Record<string, string>>) =>
    (await request(guarded.adminUrl()).get('/services').set(headers)).status;

  test('needs the token if one is set', async () => {
    expect(await status({})).toBe(401);
    expect(await status({ 'Kong-Admin-Token': 'another-token-of-16' })).toBe(401);
    expect(await status({ 'Kong-Admin-Token': 'a-token-of-16-or-more' })).toBe(200);
    expect(await status({ Authorization: 'Bearer a-token-of-16-or-more' })).toBe(200);
  });

  test('is no page of the web: not by its own name, not from its origin', async () => {
    const host = (name: string) =>
      sendRaw(
        Number(new URL(gateway.adminUrl()).port),
        `GET /services HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`,
      );
    expect((await host('evil.example')).status).toBe(403);
    expect((await host('localhost:8001')).status).toBe(200);
    const forged = await admin()
      .post('/upstreams/pool/targets')
      .set('Origin', 'https://evil.example')
      .type('form')
      .send('target=1.2.3.4:80');
    expect(forged.status).toBe(403);
    expect(forged.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('asks for metrics here, and on the public port only where that is wanted', async () => {
    const closed = await startGatewayWith(await createConfigFile(document()), { PUBLIC_METRICS: 'off' });
    expect((await request(closed.url).get('/metrics')).status).toBe(404);
    expect((await request(closed.adminUrl()).get('/metrics')).status).toBe(200);
    await closed.stop();
  });
});
