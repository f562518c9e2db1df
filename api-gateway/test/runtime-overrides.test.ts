import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { eventually, startRedis, testRedis } from '@plaza/local-stack/testing';
import { Redis } from 'ioredis';
import request from 'supertest';
import { createConfigFile, startGatewayWith, type ConfigFile } from './config-file.ts';
import { startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

let one: TestUpstream;
let other: TestUpstream;
let file: ConfigFile;
const closing: (() => Promise<unknown>)[] = [];

const document = (...paths: string[]) => ({
  services: [{ name: 'shop', host: 'pool', routes: [{ name: 'shop', paths }] }],
  upstreams: [
    { name: 'pool', targets: [one, other].map(({ url }) => ({ target: new URL(url).host, weight: 50 })) },
  ],
});

beforeAll(async () => {
  one = await startUpstream((_request, response) => response.end('one'));
  other = await startUpstream((_request, response) => response.end('other'));
  file = await createConfigFile(document('/shop'));
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

afterAll(() => Promise.all([one.close(), other.close()]));

async function gatewayOn(redisUrl: string, more: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const gateway = await startGatewayWith(file, { REDIS_URL: redisUrl, ...more });
  closing.push(gateway.stop);
  return gateway;
}

const weigh = (gateway: Gateway, weight: number) =>
  request(gateway.adminUrl())
    .patch(`/upstreams/pool/targets/${new URL(other.url).host}`)
    .send({ weight });

async function weightIn(gateway: Gateway): Promise<number> {
  const { body } = await request(gateway.adminUrl()).get('/upstreams/pool/targets');
  return body.data[1].weight;
}

const answers = async (gateway: Gateway, path: string) =>
  new Set(await Promise.all([1, 2, 3, 4].map(async () => (await request(gateway.url).get(path)).text)));

test('a Redis that was emptied gets back the weights and the file that were set', async () => {
  const redis = await startRedis();
  closing.push(() => redis.stop());
  const gateways = [await gatewayOn(redis.url), await gatewayOn(redis.url)];
  const [first] = gateways;
  if (first === undefined) throw new Error('There are two.');
  await request(first.adminUrl()).post('/config').send(document('/shop', '/more')).expect(201);
  expect((await weigh(first, 0)).body.shared).toBe(true);
  await eventually(async () => {
    for (const gateway of gateways) expect(await answers(gateway, '/more')).toEqual(new Set(['one']));
  });

  await redis.stop();
  await redis.start({ empty: true });
  await eventually(() => {
    const events = gateways.flatMap(({ lines }) => lines).map(({ event }) => event);
    expect(events).toContain('overrides_restored');
  });
  const late = await gatewayOn(redis.url);
  for (const gateway of [...gateways, late])
    expect(await answers(gateway, '/more')).toEqual(new Set(['one']));
});

test('a file that another gateway took and this one cannot take is told of, and the last good one holds', async () => {
  const { url } = await testRedis();
  const able = await gatewayOn(url, { SHOP_TAG: 'shop' });
  const unable = await gatewayOn(url);
  const tagged = document('/shop', '/more');
  const posted = {
    ...tagged,
    services: tagged.services.map((one) => ({ ...one, tags: ['{vault://env/SHOP_TAG}'] })),
  };
  const answer = await request(able.adminUrl()).post('/config').send(posted).expect(201);
  expect(answer.body.shared).toBe(true);
  const mistakes = [
    'services[0].tags[0]: {vault://env/SHOP_TAG} is not set: the environment has no SHOP_TAG',
  ];
  await eventually(async () => {
    const { body } = await request(unable.adminUrl()).get('/status');
    expect(body.configuration).toMatchObject({ source: 'file', rejected: { source: 'admin', mistakes } });
  });
  expect((await request(unable.url).get('/more')).status).toBe(404);
  expect((await request(unable.url).get('/shop')).status).toBe(200);
  await weigh(able, 10).expect(200);
  await eventually(async () => {
    expect(await weightIn(unable)).toBe(10);
  });
  const said = unable.lines.filter(({ event }) => event === 'config_rejected');
  expect(said).toHaveLength(1);
});

test('a Redis that starts from an older copy gets back what was set since', async () => {
  const { url } = await testRedis();
  const redis = new Redis(url);
  closing.push(async () => redis.disconnect());
  const gateway = await gatewayOn(url);
  const [hash, version] = ['gateway:settings', 'gateway:settings:version'];
  await weigh(gateway, 10).expect(200);
  const copy = { fields: await redis.hgetall(hash), version: await redis.get(version) };
  await weigh(gateway, 20).expect(200);

  await redis.multi().del(hash).hset(hash, copy.fields).set(version, String(copy.version)).exec();
  await eventually(async () => {
    expect(await redis.hgetall(hash)).not.toEqual(copy.fields);
  });
  expect(await weightIn(gateway)).toBe(20);
  const late = await gatewayOn(url);
  expect(await weightIn(late)).toBe(20);
  // The file's own: nothing is set any more.
  await weigh(late, 50).expect(200);
  expect(await redis.hgetall(hash)).toEqual({});
  await eventually(async () => {
    expect(await weightIn(gateway)).toBe(50);
  });
});
