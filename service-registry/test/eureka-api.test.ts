import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

// The expected responses are those of Spring Cloud 2025.0's Eureka server to the same requests.

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url, REPORT_BACK_MS: '0' });
});
afterAll(() => registry.stop());

const get = (path: string, accept = 'application/json') =>
  registry.http.get(`/eureka${path}`).set('Accept', accept);
const put = (path: string) => registry.http.put(`/eureka${path}`);

const minimal = (app: string, more: object = {}): { app: string; [field: string]: unknown } => ({
  app,
  instanceId: `${app}-1`,
  hostName: 'host.example.org',
  ipAddr: '10.0.0.1',
  port: { $: 8080, '@enabled': 'true' },
  dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  ...more,
});

const register = (instance: ReturnType<typeof minimal>) =>
  registry.http.post(`/eureka/apps/${instance.app}`).send({ instance });
const registerXml = (app: string, text: string) =>
  registry.http.post(`/eureka/apps/${app}`).set('Content-Type', 'application/xml').send(text);

async function instanceOf(app: string, id = `${app}-1`) {
  return (await get(`/apps/${app}/${id}`).expect(200)).body.instance;
}

describe('POST /eureka/apps/:app', () => {
  const whole = minimal('whole', {
    status: 'UP',
    securePort: { $: 8443, '@enabled': 'false' },
    vipAddress: 'whole,other.vip',
    secureVipAddress: 'whole.svip',
    homePageUrl: 'http://host.example.org:8080/?a=1&b=2',
    statusPageUrl: 'http://host.example.org:8080/info',
    healthCheckUrl: 'http://host.example.org:8080/health',
    metadata: { zone: 'a', 'management.port': 8081, quoted: `<&>"'`, version: '1.2.3', weight: '7' },
    leaseInfo: { renewalIntervalInSecs: 5, durationInSecs: 15 },
    lastDirtyTimestamp: '1700000000000',
    isCoordinatingDiscoveryServer: 'false',
    bogus: { a: 1 },
  });

  test('answers 204, and the instance is found as registered', async () => {
    const response = await register(whole);
    expect([response.status, response.text]).toEqual([204, '']);
    const milliseconds = expect.stringMatching(/^\d{13}$/);
    expect(await instanceOf('whole')).toEqual({
      instanceId: 'whole-1',
      hostName: 'host.example.org',
      app: 'WHOLE',
      ipAddr: '10.0.0.1',
      status: 'UP',
      overriddenStatus: 'UNKNOWN',
      port: { $: 8080, '@enabled': 'true' },
      securePort: { $: 8443, '@enabled': 'false' },
      countryId: 1,
      dataCenterInfo: whole.dataCenterInfo,
      leaseInfo: {
        renewalIntervalInSecs: 5,
        durationInSecs: 15,
        registrationTimestamp: expect.any(Number),
        lastRenewalTimestamp: expect.any(Number),
        evictionTimestamp: 0,
        serviceUpTimestamp: expect.any(Number),
      },
      metadata: { zone: 'a', 'management.port': '8081', quoted: `<&>"'`, version: '1.2.3', weight: '7' },
      homePageUrl: 'http://host.example.org:8080/?a=1&b=2',
      statusPageUrl: 'http://host.example.org:8080/info',
      healthCheckUrl: 'http://host.example.org:8080/health',
      vipAddress: 'whole,other.vip',
      secureVipAddress: 'whole.svip',
      isCoordinatingDiscoveryServer: 'false',
      lastUpdatedTimestamp: milliseconds,
      lastDirtyTimestamp: '1700000000000',
      actionType: 'ADDED',
    });
    const { body } = await registry.http.get('/services');
    expect(body.services).toContainEqual(
      expect.objectContaining({
        name: 'whole',
        url: 'http://host.example.org:8080',
        version: '1.2.3',
        weight: 7,
      }),
    );
  });

  test('answers with XML unless the client accepts JSON', async () => {
    await register(whole).expect(204);
    const { type, text } = await get('/apps/whole/whole-1', '*/*').expect(200);
    expect(type).toBe('application/xml');
    for (const line of [
      '<instance>',
      '  <app>WHOLE</app>',
      '  <overriddenstatus>UNKNOWN</overriddenstatus>',
      '  <port enabled="true">8080</port>',
      '  <dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo">',
      '    <management.port>8081</management.port>',
      '    <quoted>&lt;&amp;&gt;&quot;&apos;</quoted>',
      '  <homePageUrl>http://host.example.org:8080/?a=1&amp;b=2</homePageUrl>',
      '</instance>',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  test('omits from XML what it cannot express: metadata with other keys than XML names, control characters', async () => {
    const metadata = { 'not a name': 'x', '<b>': 'y', bell: 'a\u0007b', empty: '' };
    await register(minimal('unwritable', { metadata })).expect(204);
    const { text } = await get('/apps/unwritable/unwritable-1', 'application/xml').expect(200);
    expect(text).toContain('  <metadata>\n    <bell>ab</bell>\n    <empty/>\n  </metadata>\n');
    expect((await instanceOf('unwritable')).metadata).toEqual(metadata);
  });

  test('accepts its own XML', async () => {
    await register(whole).expect(204);
    const before = await instanceOf('whole');
    const { text } = await get('/apps/whole/whole-1', 'application/xml').expect(200);
    await registerXml('whole', text).expect(204);
    const { status, metadata, port, securePort, homePageUrl, dataCenterInfo } = before;
    expect(await instanceOf('whole')).toMatchObject({
      status,
      metadata,
      port,
      securePort,
      homePageUrl,
      dataCenterInfo,
    });
  });

  test('accepts XML with character references and CDATA', async () => {
    await registerXml(
      'written',
      `<?xml version="1.0" encoding="UTF-8"?>
      <instance>
        <!-- by hand -->
        <hostName>10.0.0.7</hostName><app>WRITTEN</app><ipAddr>10.0.0.7</ipAddr><status>UP</status>
        <vipAddress>wr&#105;tten</vipAddress>
        <port enabled="false">80</port><securePort enabled="true">8443</securePort>
        <dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"><name>MyOwn</name></dataCenterInfo>
        <metadata><note><![CDATA[a<b]]></note><other>&lt;&amp;#65;</other></metadata>
        <leaseInfo><durationInSecs>30</durationInSecs></leaseInfo>
      </instance>`,
    ).expect(204);
    expect(await instanceOf('written', '10.0.0.7')).toMatchObject({
      vipAddress: 'written',
      securePort: { $: 8443, '@enabled': 'true' },
      metadata: { note: 'a<b', other: '<&#65;' },
      leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 30 },
    });
    const { body } = await registry.http.get('/services');
    expect(body.services).toContainEqual(
      expect.objectContaining({ name: 'written', url: 'https://10.0.0.7:8443' }),
    );
  });

  test('accepts an Amazon instance, by its id there', async () => {
    const dataCenterInfo = { name: 'Amazon', metadata: { 'instance-id': 'i-0', 'local-ipv4': '10.0.0.3' } };
    await register({ ...minimal('amazon'), instanceId: undefined, dataCenterInfo }).expect(204);
    expect((await instanceOf('amazon', 'i-0')).dataCenterInfo).toEqual({
      '@class': 'com.netflix.appinfo.AmazonInfo',
      ...dataCenterInfo,
    });
  });

  test('accepts Java’s empty map as empty metadata', async () => {
    const metadata = { '@class': 'java.util.Collections$EmptyMap' };
    await register(minimal('bare', { metadata, port: 8081 })).expect(204);
    expect(await instanceOf('bare')).toMatchObject({ metadata, port: { $: 8081, '@enabled': 'true' } });
  });

  test.each(['DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN'])(
    'does not list an instance with status %s as passing',
    async (status) => {
      const app = `is-${status.toLowerCase()}`;
      await register(minimal(app, { status })).expect(204);
      expect((await instanceOf(app)).status).toBe(status);
      expect((await registry.http.get(`/v1/health/service/${app}?passing`)).body).toEqual([]);
    },
  );

  test.each([
    ['no instance', {}, 'instance: is required'],
    [
      'another app than its path',
      { instance: minimal('other') },
      'Mismatched appName, expecting BAD but was OTHER',
    ],
    ['no host', { instance: minimal('bad', { hostName: undefined }) }, 'hostName'],
    ['a host with a path', { instance: minimal('bad', { hostName: 'a/b' }) }, 'hostName'],
    ['no address', { instance: minimal('bad', { ipAddr: undefined }) }, 'ipAddr'],
    ['no data center', { instance: minimal('bad', { dataCenterInfo: undefined }) }, 'dataCenterInfo'],
    [
      'an unknown data center',
      { instance: minimal('bad', { dataCenterInfo: { name: 'Mars' } }) },
      'dataCenterInfo',
    ],
    ['an invalid port', { instance: minimal('bad', { port: { $: 'x' } }) }, 'port'],
    ['a port above 65535', { instance: minimal('bad', { port: 70_000 }) }, 'port'],
    ['an unknown status', { instance: minimal('bad', { status: 'FINE' }) }, 'status'],
    ['an id with a slash', { instance: minimal('bad', { instanceId: 'a/b' }) }, 'instanceId'],
    [
      'a page URL with javascript:',
      { instance: minimal('bad', { homePageUrl: 'javascript:alert(1)' }) },
      'homePageUrl',
    ],
    [
      'a health check of another scheme',
      { instance: minimal('bad', { healthCheckUrl: 'file:///etc' }) },
      'healthCheckUrl',
    ],
    ['nested metadata', { instance: minimal('bad', { metadata: { a: { b: 1 } } }) }, 'metadata.a'],
    [
      'too much metadata',
      {
        instance: minimal('bad', {
          metadata: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`k${at}`, 'v'])),
        }),
      },
      'metadata',
    ],
    ['a lease of 0 s', { instance: minimal('bad', { leaseInfo: { durationInSecs: 0 } }) }, 'durationInSecs'],
  ])('with %s is a 400 with a line of text', async (_name, body, words) => {
    const { status, type, text } = await registry.http.post('/eureka/apps/bad').send(body);
    expect([status, type]).toEqual([400, 'text/plain']);
    expect(text).toContain(words);
  });

  test('with an invalid name is a 400', async () => {
    const { status, text } = await registry.http
      .post('/eureka/apps/a%20b')
      .send({ instance: minimal('a b', { instanceId: 'i' }) });
    expect([status, text]).toEqual([400, expect.stringContaining('app: must be')]);
  });

  const bomb = `<!DOCTYPE instance [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, at) => `<!ENTITY ${'abcdefghij'[at + 1]} "${`&${'abcdefghij'[at]};`.repeat(10)}">`).join('')}]><instance><app>&j;</app></instance>`;

  test.each([
    ['an entity expansion bomb', bomb, 400],
    [
      'an entity from a file',
      '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><instance><app>&y;</app></instance>',
      400,
    ],
    ['an external document type', '<!doctype x SYSTEM "http://127.0.0.1:1/x.dtd"><instance/>', 400],
    ['an unknown entity', '<instance><app>&bad;</app></instance>', 400],
    ['an element left open', '<instance><app>bad</app>', 400],
    ['two roots', '<instance/><instance/>', 400],
    ['text', 'instance', 400],
    ['nothing', '', 400],
    ['a prototype', '<instance><__proto__><a>1</a></__proto__></instance>', 400],
    ['deep nesting', '<a>'.repeat(20_000), 400],
    ['deep nesting that ends', `${'<a>'.repeat(9_000)}${'</a>'.repeat(9_000)}`, 400],
    [
      'many attributes',
      `<instance ${Array.from({ length: 9_000 }, (_, at) => `a${at}="1"`).join(' ')}/>`,
      400,
    ],
    ['1 MB', `<instance><app>${'x'.repeat(1024 * 1024)}</app></instance>`, 413],
  ])('of XML with %s is an error with a line of text', async (_name, text, expected) => {
    const { status, type } = await registerXml('bad', text);
    expect([status, type]).toEqual([expected, 'text/plain']);
  });

  test.each([
    ['text/csv', 'a,b', 415],
    ['application/json', '{', 400],
    ['application/json', '{"__proto__": {}}', 400],
  ])('of %s (%s) is a %d', async (type, text, expected) => {
    const response = await registry.http.post('/eureka/apps/bad').set('Content-Type', type).send(text);
    expect([response.status, response.type]).toEqual([expected, 'text/plain']);
  });
});

describe('an instance', () => {
  const path = '/apps/LEASED/leased-1';
  beforeAll(() =>
    register(minimal('leased', { lastDirtyTimestamp: 1_700_000_000_000, metadata: { a: 'b' } })),
  );

  test('is renewed by a PUT, with the app’s name in any case', async () => {
    for (const renewed of [path, '/apps/leased/leased-1', '/v2/apps/Leased/leased-1']) {
      await put(`${renewed}?status=UP&lastDirtyTimestamp=1700000000000`).expect(200);
    }
    await put(`${path}?status=UP&lastDirtyTimestamp=1600000000000`).expect(200);
    await put(path).expect(200);
  });

  test('that has changed since, or is unknown, gets a 404, so that it registers', async () => {
    await put(`${path}?lastDirtyTimestamp=1700000000001`).expect(404);
    await put('/apps/LEASED/other').expect(404);
    await put('/apps/NOBODY/leased-1').expect(404);
    await put(`${path}?lastDirtyTimestamp=soon`).expect(400);
  });

  test('shows the last renewal of its lease', async () => {
    const renewed = async () => (await instanceOf('leased')).leaseInfo.lastRenewalTimestamp;
    const before = await renewed();
    await eventually(async () => {
      await put(path).expect(200);
      expect(await renewed()).toBeGreaterThan(before);
    });
  });

  test('is removed when its lease ends', async () => {
    await register(minimal('short', { leaseInfo: { durationInSecs: 1 } })).expect(204);
    await eventually(async () => get('/apps/SHORT/short-1').expect(404));
  });

  test('is out of service during an override', async () => {
    const status = `${path}/status`;
    await put(`${status}?value=OUT_OF_SERVICE&lastDirtyTimestamp=1700000000000`).expect(200);
    const overridden = { status: 'OUT_OF_SERVICE', overriddenStatus: 'OUT_OF_SERVICE' };
    expect(await instanceOf('leased')).toMatchObject(overridden);
    await put(`${path}?status=UP&lastDirtyTimestamp=1700000000000`).expect(200);
    await register(minimal('leased', { lastDirtyTimestamp: 1_700_000_000_000 })).expect(204);
    expect(await instanceOf('leased')).toMatchObject(overridden);
    await registry.http.delete(`/eureka${status}?value=UP`).expect(200);
    expect(await instanceOf('leased')).toMatchObject({ status: 'UP', overriddenStatus: 'UNKNOWN' });
    await put(`${status}?value=FINE`).expect(400);
    await put(status).expect(400);
    await put('/apps/LEASED/other/status?value=UP').expect(404);
    await registry.http.delete('/eureka/apps/LEASED/other/status').expect(404);
  });

  test('gets metadata by query parameters', async () => {
    await register(minimal('told', { metadata: { a: 'b' } })).expect(204);
    await put('/apps/TOLD/told-1/metadata?colour=blue&version=2.0.0&weight=3').expect(200);
    expect((await instanceOf('told')).metadata).toEqual({
      a: 'b',
      colour: 'blue',
      version: '2.0.0',
      weight: '3',
    });
    const { body } = await registry.http.get('/services');
    expect(body.services).toContainEqual(
      expect.objectContaining({ name: 'told', version: '2.0.0', weight: 3 }),
    );
    await put('/apps/TOLD/other/metadata?a=b').expect(404);
    await put(
      `/apps/TOLD/told-1/metadata?${Array.from({ length: 64 }, (_, at) => `k${at}=v`).join('&')}`,
    ).expect(400);
    await put(`/apps/TOLD/told-1/metadata?a=${'x'.repeat(2_000)}`).expect(400);
  });

  test('is removed by a DELETE', async () => {
    await register(minimal('leaving')).expect(204);
    await registry.http.delete('/eureka/apps/LEAVING/leaving-1').expect(200);
    await registry.http.delete('/eureka/apps/LEAVING/leaving-1').expect(404);
    await get('/apps/LEAVING').expect(404);
  });
});

describe('lists', () => {
  beforeAll(async () => {
    await register(
      minimal('listed', { vipAddress: 'listed.vip,shared.vip', secureVipAddress: 'listed.svip' }),
    );
    await register(minimal('listed', { instanceId: 'listed-2', status: 'DOWN', vipAddress: 'shared.vip' }));
    await registry
      .register(createRegistrationBody('Listed', 3001, { instanceId: 'by-others', version: '3.0.0' }))
      .expect(200);
  });

  const idsIn = ({
    applications,
  }: {
    applications: { application: { instance: { instanceId: string }[] }[] };
  }) => applications.application.flatMap(({ instance }) => instance.map(({ instanceId }) => instanceId));

  test('of an app have all services whose names differ only in case', async () => {
    const { body } = await get('/apps/listed').expect(200);
    expect(body.application.name).toBe('LISTED');
    expect(body.application.instance).toMatchObject([
      { instanceId: 'by-others', metadata: { version: '3.0.0' }, vipAddress: 'Listed', port: { $: 3001 } },
      { instanceId: 'listed-1' },
      { instanceId: 'listed-2', status: 'DOWN' },
    ]);
  });

  test('of all instances have the number per status', async () => {
    const { body } = await get('/apps').expect(200);
    const statuses = new Map<string, number>();
    for (const { instance } of body.applications.application) {
      for (const { status } of instance) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    const hash = [...statuses]
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([status, count]) => `${status}_${count}_`)
      .join('');
    expect(body.applications.apps__hashcode).toBe(hash);
    expect(hash).toMatch(/^DOWN_\d+_/);
  });

  test.each([
    ['/vips/listed.vip', ['listed-1']],
    ['/vips/shared.vip', ['listed-1', 'listed-2']],
    ['/vips/Listed', ['by-others']],
    ['/svips/listed.svip', ['listed-1']],
    ['/vips/nothing', []],
    ['/v2/vips/listed.vip', ['listed-1']],
  ])('%s', async (path, expected) => {
    expect(idsIn((await get(path).expect(200)).body)).toEqual(expected);
  });

  test.each([
    '/apps',
    '/apps/',
    '/v2/apps',
    '/v2/apps/',
    '/apps/delta',
    '/v2/apps/delta',
    '/vips/listed.vip',
  ])('%s is XML unless JSON is accepted', async (path) => {
    const { type, text } = await get(path, 'text/html').expect(200);
    expect(type).toBe('application/xml');
    expect(text).toMatch(
      /^<applications>\n {2}<versions__delta>\d+<\/versions__delta>\n {2}<apps__hashcode>/,
    );
    expect(text).toMatch(/<\/applications>\n$/);
  });

  test('are compressed if the client accepts gzip', async () => {
    const response = await fetch(`${registry.url}/eureka/apps`, {
      headers: { accept: 'application/json', 'accept-encoding': 'gzip' },
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('vary')).toBe('Accept, Accept-Encoding');
    expect(await response.json()).toEqual((await get('/apps').set('Accept-Encoding', 'identity')).body);
  });

  test.each(['/instances/nobody', '/apps/LISTED/nobody', '/apps/NOBODY'])('%s is a 404', async (path) => {
    const { status, type } = await get(path);
    expect([status, type]).toEqual([404, 'text/plain']);
  });

  test('find an instance by its id alone', async () => {
    expect((await get('/instances/listed-2').expect(200)).body.instance.app).toBe('LISTED');
  });
});

test('a delta has the added, changed and removed instances, and the hash of the whole catalog', async () => {
  await register(minimal('came')).expect(204);
  await register(minimal('changed')).expect(204);
  await register(minimal('changed', { status: 'DOWN' })).expect(204);
  await register(minimal('went')).expect(204);
  await registry.http.delete('/eureka/apps/WENT/went-1').expect(200);
  const { body } = await get('/apps/delta').expect(200);
  const actions = Object.fromEntries(
    body.applications.application.map(
      ({ name, instance }: { name: string; instance: { actionType: string }[] }) => [
        name,
        instance.map(({ actionType }) => actionType),
      ],
    ),
  );
  expect(actions).toMatchObject({ CAME: ['ADDED'], CHANGED: ['MODIFIED'], WENT: ['DELETED'] });
  const whole = (await get('/apps')).body.applications;
  expect(body.applications.apps__hashcode).toBe(whole.apps__hashcode);
});
