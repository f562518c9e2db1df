import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

// The expected responses are those of Consul 1.14.11 to the same requests.

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url });
});
afterAll(() => registry.stop());

const get = (path: string) => registry.http.get(`/v1${path}`);
const put = (path: string, body?: object) => registry.http.put(`/v1${path}`).send(body);
const register = (definition: object, query = '') => put(`/agent/service/register${query}`, definition);
const passing = { TTL: '60s', Status: 'passing' };

/** A service's entries by id. */
async function entries(service: string, query = '') {
  const { body } = await get(`/health/service/${service}?${query}`).expect(200);
  return body;
}

const idsOf = (list: { Service: { ID: string } }[]) => list.map(({ Service }) => Service.ID);
const checkIds = async (service: string) =>
  (await get(`/health/checks/${service}`)).body.map(({ CheckID }: { CheckID: string }) => CheckID);

describe('PUT /v1/agent/service/register', () => {
  const whole = {
    Name: 'whole',
    ID: 'whole-1',
    Tags: ['a', 'v=1'],
    Address: '10.0.0.1',
    Port: 80,
    Meta: { k: 'v', version: '2.0.0' },
    Weights: { Passing: 5, Warning: 2 },
    EnableTagOverride: true,
    TaggedAddresses: { wan: { Address: '1.2.3.4', Port: 5 } },
    Check: { CheckID: 'alive', Name: 'Alive', Notes: 'says so itself', TTL: '10s' },
  };

  test('answers 200 without a body, and the instance is found as registered', async () => {
    const response = await register(whole);
    expect([response.status, response.text]).toEqual([200, '']);
    const [entry, ...others] = await entries('whole');
    expect(others).toEqual([]);
    expect(entry).toEqual({
      Node: expect.objectContaining({ Node: '10.0.0.1', Address: '10.0.0.1', Datacenter: 'plaza', Meta: {} }),
      Service: {
        ID: 'whole-1',
        Service: 'whole',
        Tags: ['a', 'v=1'],
        Address: '10.0.0.1',
        TaggedAddresses: {
          wan: { Address: '1.2.3.4', Port: 5 },
          lan_ipv4: { Address: '10.0.0.1', Port: 80 },
          wan_ipv4: { Address: '10.0.0.1', Port: 80 },
        },
        Meta: { k: 'v', version: '2.0.0' },
        Port: 80,
        Weights: { Passing: 5, Warning: 2 },
        EnableTagOverride: true,
        CreateIndex: expect.any(Number),
        ModifyIndex: expect.any(Number),
      },
      Checks: [
        {
          Node: '10.0.0.1',
          CheckID: 'alive',
          Name: 'Alive',
          Status: 'critical',
          Notes: 'says so itself',
          Output: '',
          ServiceID: 'whole-1',
          ServiceName: 'whole',
          ServiceTags: ['a', 'v=1'],
          Type: 'ttl',
          Interval: '',
          Timeout: '',
          CreateIndex: expect.any(Number),
          ModifyIndex: expect.any(Number),
        },
      ],
    });
  });

  test('accepts field names in any case, and the Content-Type of a form', async () => {
    const body = JSON.stringify({
      name: 'loose',
      id: 'l-1',
      check: { ttl: 10e9, deregister_critical_service_after: '90m' },
    });
    await registry.http
      .put('/v1/agent/service/register')
      .set('Content-Type', 'application/x-www-form-urlencoded')
      .send(body)
      .expect(200);
    expect(await checkIds('loose')).toEqual(['service:l-1']);
  });

  test('uses the client’s address if there is none, and shows it as empty', async () => {
    await register({ Name: 'nowhere', Port: 8080 }).expect(200);
    const [{ Node, Service }] = await entries('nowhere');
    expect([Node.Address, Service.Address, Service.Port, Service.ID]).toEqual([
      '127.0.0.1',
      '',
      8080,
      'nowhere',
    ]);
  });

  test('makes an instance without checks passing', async () => {
    await register({ Name: 'unchecked' }).expect(200);
    expect(idsOf(await entries('unchecked', 'passing'))).toEqual(['unchecked']);
  });

  test('numbers several checks', async () => {
    await register({
      Name: 'several',
      Check: { TTL: '1m' },
      Checks: [{ TTL: '1m' }, { ...passing, CheckID: 'own' }],
    });
    expect(await checkIds('several')).toEqual(['own', 'service:several:1', 'service:several:2']);
  });

  test('keeps the states of checks, and absent checks unless they are replaced', async () => {
    await register({ Name: 'again', Checks: [{ TTL: '1m', CheckID: 'first', Notes: 'the first' }] });
    await put('/agent/check/pass/first?note=ok').expect(200);
    await register({ Name: 'again', Checks: [{ TTL: '1m', CheckID: 'second' }] });
    expect((await get('/health/checks/again')).body).toMatchObject([
      { CheckID: 'first', Status: 'passing', Output: 'ok', Notes: 'the first' },
      { CheckID: 'second', Status: 'critical' },
    ]);
    await register({ Name: 'again', Checks: [{ TTL: '1m', CheckID: 'second' }] }, '?replace-existing-checks');
    expect(await checkIds('again')).toEqual(['second']);
  });

  test('under another name moves the id', async () => {
    await register({ Name: 'old-name', ID: 'moved' });
    await register({ Name: 'new-name', ID: 'moved' });
    expect(await entries('old-name')).toEqual([]);
    expect(idsOf(await entries('new-name'))).toEqual(['moved']);
  });

  test('shows https as Spring’s clients expect it, and any URL as Plaza’s do', async () => {
    const place = { Address: 'example.org', Port: 8443 };
    await register({ Name: 'secure', ...place, Meta: { secure: 'true' } });
    expect((await entries('secure'))[0].Service.Meta).toEqual({
      secure: 'true',
      url: 'https://example.org:8443',
    });
    await register({ Name: 'based', ...place, Meta: { url: 'https://example.org/base/' } });
    const { body } = await registry.http.get('/services');
    expect(body.services).toContainEqual(
      expect.objectContaining({ name: 'based', url: 'https://example.org/base' }),
    );
  });

  test('probes only with safe methods, and has only TTL and HTTP checks', async () => {
    const http = { HTTP: 'http://127.0.0.1:1/', Interval: '10s' };
    const refused = await register({ Name: 'bad', Check: { ...http, Method: 'POST' } });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('GET, HEAD, OPTIONS')]);
    const tcp = await register({ Name: 'bad', Check: { TCP: '127.0.0.1:1', Interval: '10s' } });
    expect([tcp.status, tcp.text]).toEqual([400, expect.stringContaining('does not have')]);
  });

  test.each([
    ['no name', {}, 'Name: is required'],
    ['a name that is none', { Name: 'a b' }, 'Name'],
    ['a field that is none', { Name: 'bad', Bogus: 1 }, 'Bogus'],
    ['a port as text', { Name: 'bad', Port: '80' }, 'Port'],
    ['a port that is none', { Name: 'bad', Port: 70_000 }, 'Port'],
    ['an id with a slash', { Name: 'bad', ID: 'a/b' }, 'ID'],
    ['the address of all interfaces', { Name: 'bad', Address: '0.0.0.0' }, 'Address'],
    ['an address with a path', { Name: 'bad', Address: 'host/path' }, 'Address'],
    ['an address with credentials', { Name: 'bad', Address: 'user:pw@host' }, 'Address'],
    ['an address that is no IP', { Name: 'bad', Address: '1.2.3.999' }, 'Address'],
    ['metadata of another type', { Name: 'bad', Meta: { a: 1 } }, 'Meta.a'],
    ['metadata under a bad name', { Name: 'bad', Meta: { 'a b': '1' } }, 'Meta'],
    ['a URL that is none', { Name: 'bad', Meta: { url: 'postgres://db' } }, 'Meta.url'],
    ['too many tags', { Name: 'bad', Tags: Array.from({ length: 65 }, String) }, 'Tags'],
    ['a weight of nothing', { Name: 'bad', Weights: { Passing: 0 } }, 'Weights.Passing'],
    ['a mesh', { Name: 'bad', Connect: { Native: true } }, 'Connect'],
    ['a proxy', { Name: 'bad', Kind: 'connect-proxy' }, 'Kind'],
    ['a TTL that is none', { Name: 'bad', Check: { TTL: 'soon' } }, 'Check.TTL'],
    ['a TTL without a unit', { Name: 'bad', Check: { TTL: '10' } }, 'Check.TTL'],
    ['a check of nothing', { Name: 'bad', Check: { Name: 'nothing' } }, 'Check.TTL'],
    [
      'a check of two kinds',
      { Name: 'bad', Check: { TTL: '1s', HTTP: 'http://a', Interval: '1s' } },
      'Check.TTL',
    ],
    ['HTTP without an interval', { Name: 'bad', Check: { HTTP: 'http://a' } }, 'Check.Interval'],
    ['HTTP of another scheme', { Name: 'bad', Check: { HTTP: 'file:///etc', Interval: '1s' } }, 'Check.HTTP'],
    [
      'a header that is none',
      { Name: 'bad', Check: { HTTP: 'http://a', Interval: '1s', Header: { 'a b': ['c'] } } },
      'Check.Header',
    ],
    [
      'a header of two lines',
      { Name: 'bad', Check: { HTTP: 'http://a', Interval: '1s', Header: { a: ['b\r\nc'] } } },
      'Check.Header',
    ],
    [
      'an unverified certificate',
      { Name: 'bad', Check: { HTTP: 'https://a', Interval: '1s', TLSSkipVerify: true } },
      'Check.TLSSkipVerify',
    ],
    ['a status that is none', { Name: 'bad', Check: { TTL: '1s', Status: 'fine' } }, 'Check.Status'],
    ['a list for a body', [], 'expected object'],
  ])('with %s is a 400 with a line of text', async (_name, definition, words) => {
    const { status, type, text } = await register(definition);
    expect([status, type]).toEqual([400, 'text/plain']);
    expect(text).toContain(words);
    expect(text).not.toContain('\n');
  });

  test.each([
    ['broken JSON', '{"Name": ', 400],
    ['no body', '', 400],
    ['a prototype', '{"__proto__": {}}', 400],
    ['1 MB', `{"Name": "${'x'.repeat(1024 * 1024)}"}`, 413],
    ['100 kB of nesting', '['.repeat(100_000), 400],
  ])('with %s is an error with a line of text', async (_name, text, expected) => {
    const { status, type } = await registry.http.put('/v1/agent/service/register').send(text);
    expect([status, type]).toEqual([expected, 'text/plain']);
  });
});

describe('checks', () => {
  test('an HTTP check is probed, by its own interval', async () => {
    const check = { HTTP: `${registry.url}/health/live`, Interval: '1s' };
    await register({ Name: 'probed', Check: check }).expect(200);
    await eventually(async () => expect(idsOf(await entries('probed', 'passing'))).toEqual(['probed']));
    expect((await get('/health/checks/probed')).body).toMatchObject([
      { Type: 'http', Interval: '1s', Timeout: '10s', Status: 'passing' },
    ]);
  });

  test('an agent shows the last output; lists show the output of the last change of status', async () => {
    await register({ Name: 'heard', Check: { TTL: '1m' } });
    await put('/agent/check/fail/service:heard?note=first').expect(200);
    await put('/agent/check/fail/service:heard?note=second').expect(200);
    expect((await get('/agent/checks')).body['service:heard']).toMatchObject({ Output: 'second' });
    expect((await get('/health/checks/heard')).body).toMatchObject([{ Output: '' }]);
  });

  test('can be reported by an update, too', async () => {
    await register({ Name: 'updated', Check: { TTL: '1m' } });
    await put('/agent/check/update/service:updated', { Status: 'passing', Output: 'fine' }).expect(200);
    expect((await get('/health/checks/updated')).body).toMatchObject([{ Status: 'passing', Output: 'fine' }]);
    const refused = await put('/agent/check/update/service:updated', { Status: 'fine' });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('Status')]);
  });

  test.each(['pass', 'warn', 'fail', 'update', 'deregister'])(
    '%s of an unknown one is Consul’s 404',
    async (verb) => {
      const { status, type, text } = await put(`/agent/check/${verb}/nope`, { Status: 'passing' });
      expect([status, type]).toEqual([404, 'text/plain']);
      expect(text).toBe('Unknown check ID "nope". Ensure that the check ID is passed, not the check name.');
    },
  );

  test('cannot be added to unknown services, or to those of other protocols', async () => {
    const check = { Name: 'more', TTL: '1m' };
    await put('/agent/check/register', { ...check, ServiceID: 'nope' }).expect(404);
    await registry.register(createRegistrationBody('elsewhere', 3001, { instanceId: 'e-1' })).expect(200);
    const { status, text } = await put('/agent/check/register', { ...check, ServiceID: 'e-1' });
    expect([status, text]).toEqual([404, expect.stringContaining('not registered through Consul')]);
    await put('/agent/check/register', check).expect(400);
  });
});

describe('an agent', () => {
  test('finds each instance by its id, and by SERVICE/ID if two services have the same', async () => {
    for (const service of ['twin-a', 'twin-b']) {
      await registry.register(createRegistrationBody(service, 3001, { instanceId: 'twin' })).expect(200);
    }
    const { body } = await get('/agent/services?filter=ID == twin').expect(200);
    expect(Object.keys(body)).toEqual(['twin-a/twin', 'twin-b/twin']);
    const refused = await put('/agent/service/deregister/twin');
    expect([refused.status, refused.text]).toEqual([
      409,
      expect.stringContaining('twin-a/twin, twin-b/twin'),
    ]);
    await put('/agent/service/deregister/twin-a%2Ftwin').expect(200);
    await put('/agent/service/deregister/twin').expect(200);
    expect((await get('/agent/services?filter=ID == twin')).body).toEqual({});
  });

  test('answers with one service, and again when its hash changes', async () => {
    await register({ Name: 'hashed', Port: 1 });
    const first = await get('/agent/service/hashed').expect(200);
    const hash = first.get('X-Consul-ContentHash') ?? '';
    expect(first.body).toMatchObject({ ID: 'hashed', Port: 1, ContentHash: hash });
    const waiting = get(`/agent/service/hashed?hash=${hash}&wait=10s`).then(({ body }) => body);
    await register({ Name: 'hashed', Port: 2 });
    expect(await waiting).toMatchObject({ Port: 2 });
    await put('/agent/service/deregister/hashed').expect(200);
    await get('/agent/service/hashed').expect(404);
  });

  test.each([
    ['PUT', '/agent/service/deregister/nope'],
    ['PUT', '/agent/service/maintenance/nope?enable=true'],
    ['GET', '/agent/service/nope'],
  ])('%s %s is Consul’s 404', async (method, path) => {
    const { status, text } = await (method === 'GET' ? get(path) : put(path));
    expect(status).toBe(404);
    expect(text).toBe(
      'Unknown service ID "nope". Ensure that the service ID is passed, not the service name.',
    );
  });

  test('needs `enable` for maintenance', async () => {
    await register({ Name: 'maintained' });
    for (const query of ['', '?enable=perhaps']) {
      const { status, text } = await put(`/agent/service/maintenance/maintained${query}`);
      expect([status, text]).toEqual([400, expect.stringContaining('enable')]);
    }
  });

  test('in maintenance without a reason has Consul’s message', async () => {
    await register({ Name: 'unreasoned' });
    await put('/agent/service/maintenance/unreasoned?enable=true').expect(200);
    expect((await get('/health/checks/unreasoned')).body).toMatchObject([
      {
        CheckID: '_service_maintenance:unreasoned',
        Name: 'Service Maintenance Mode',
        Status: 'critical',
        Type: 'maintenance',
        Notes: expect.stringContaining('no reason was provided'),
      },
    ]);
  });
});

describe('lists', () => {
  beforeAll(async () => {
    await register({
      Name: 'listed',
      ID: 'listed-1',
      Address: '10.1.0.1',
      Port: 1,
      Tags: ['a'],
      Check: passing,
    });
    await register({
      Name: 'listed',
      ID: 'listed-2',
      Address: '10.1.0.1',
      Port: 2,
      Tags: ['a', 'b'],
      Check: { TTL: '1m', Status: 'warning' },
    });
    await register({ Name: 'listed', ID: 'listed-3', Address: '10.1.0.2', Port: 3 });
  });

  test.each([
    ['passing', ['listed-1', 'listed-3']],
    ['passing=false', ['listed-1', 'listed-2', 'listed-3']],
    ['tag=a', ['listed-1', 'listed-2']],
    ['tag=a&tag=b', ['listed-2']],
    ['tag=a&passing', ['listed-1']],
    ['node-meta=rack:1', []],
    ['filter=Service.Port > 1', 400],
    ['filter=Service.Port != 1', ['listed-2', 'listed-3']],
    [
      'near=_agent&stale&consistent&cached&dc=anywhere&ns=default&pretty',
      ['listed-1', 'listed-2', 'listed-3'],
    ],
  ])('health by %s', async (query, expected) => {
    const response = await get(`/health/service/listed?${query}`);
    expect(response.status === 200 ? idsOf(response.body) : response.status).toEqual(expected);
  });

  test('of the catalog have services with their node', async () => {
    const { body } = await get('/catalog/service/listed?tag=b').expect(200);
    expect(body).toEqual([
      {
        ID: '',
        Node: '10.1.0.1',
        Address: '10.1.0.1',
        Datacenter: 'plaza',
        TaggedAddresses: {},
        NodeMeta: {},
        ServiceKind: '',
        ServiceID: 'listed-2',
        ServiceName: 'listed',
        ServiceTags: ['a', 'b'],
        ServiceAddress: '10.1.0.1',
        ServiceTaggedAddresses: {
          lan_ipv4: { Address: '10.1.0.1', Port: 2 },
          wan_ipv4: { Address: '10.1.0.1', Port: 2 },
        },
        ServiceWeights: { Passing: 1, Warning: 1 },
        ServiceMeta: {},
        ServicePort: 2,
        ServiceEnableTagOverride: false,
        CreateIndex: expect.any(Number),
        ModifyIndex: expect.any(Number),
      },
    ]);
    const nodes = await get('/catalog/nodes?filter=Node matches "^10[.]1[.]"').expect(200);
    expect(nodes.body.map(({ Node }: { Node: string }) => Node)).toEqual(['10.1.0.1', '10.1.0.2']);
    const services = await get('/catalog/services?filter=ServiceName == listed').expect(200);
    expect(services.body).toEqual({ listed: ['a', 'b'] });
  });

  test('of checks are selected by their status', async () => {
    const only = 'filter=ServiceName == listed';
    const states = { passing: 1, warning: 1, critical: 0, any: 2, nonsense: 0 };
    for (const [state, count] of Object.entries(states)) {
      expect((await get(`/health/state/${state}?${only}`).expect(200)).body).toHaveLength(count);
    }
  });

  test.each([
    '/health/service/waited',
    '/health/checks/waited',
    '/health/state/any',
    '/catalog/services',
    '/catalog/service/waited',
    '/catalog/nodes',
  ])('%s waits for a change', async (path) => {
    await register({ Name: 'waited', Port: 1, Check: passing });
    const before = (await get(path).expect(200)).get('X-Consul-Index');
    expect(Number(before)).toBeGreaterThan(0);
    const waiting = get(`${path}?index=${before}&wait=10s`).then((response) =>
      response.get('X-Consul-Index'),
    );
    await register({ Name: 'waited', Port: 2, Check: passing });
    expect(Number(await waiting)).toBeGreaterThan(Number(before));
    await put('/agent/service/deregister/waited').expect(200);
  });

  test.each([
    ['wait=soon', 'wait'],
    ['wait=-1s', 'wait'],
    ['index=-1', 'index'],
    ['index=1e3', 'index'],
    ['index=99999999999999999999', 'index'],
    ['passing=perhaps', 'passing'],
    ['filter=Nothing == 1', 'Nothing'],
    [`filter=${'x'.repeat(3_000)}`, 'filter'],
    ['filter=a&filter=b', 'filter'],
  ])('by %s are a 400 with the reason', async (query, words) => {
    const { status, type, text } = await get(`/health/service/listed?${query}`);
    expect([status, type, text]).toEqual([400, 'text/plain', expect.stringContaining(words)]);
  });
});

describe('an unsupported endpoint of Consul', () => {
  test.each([
    ['GET', '/v1/kv/key'],
    ['PUT', '/v1/session/create'],
    ['GET', '/v1/agent/members'],
    ['PUT', '/v1/catalog/register'],
    ['GET', '/v1/connect/ca/roots'],
  ] as const)('%s %s is a 501 in words', async (method, path) => {
    const { status, type, text } = await registry.http[method === 'GET' ? 'get' : 'put'](path);
    expect([status, type]).toEqual([501, 'text/plain']);
    expect(text).toBe(
      `${method} ${path} is a part of Consul's API that this registry does not have; /docs lists those that it has.`,
    );
  });

  test('a wrong method is a 405 with a line of text', async () => {
    const { status, type, headers } = await registry.http.get('/v1/agent/service/register');
    expect([status, type, headers['allow']]).toEqual([405, 'text/plain', 'PUT, OPTIONS']);
  });
});
