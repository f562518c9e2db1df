import { expect, test } from '@jest/globals';
import { testMongo, testRabbit, testRedis } from '@plaza/local-stack/testing';
import { MongoClient } from 'mongodb';
import { sendRedisCommand } from '../src/servers/redis.ts';

test('gives each caller its own Redis database', async () => {
  const [mine, yours] = await Promise.all([testRedis(), testRedis()]);

  await sendRedisCommand(mine.url, 'SET name ada');

  expect(await sendRedisCommand(mine.url, 'DBSIZE')).toBe(':1');
  expect(await sendRedisCommand(yours.url, 'DBSIZE')).toBe(':0');
});

test('gives each caller its own MongoDB database', async () => {
  const [mine, yours] = await Promise.all([testMongo(), testMongo()]);

  await withClient(mine.uri, (client) => client.db().collection('people').insertOne({ name: 'ada' }));

  expect(await withClient(mine.uri, (client) => client.db().collection('people').countDocuments())).toBe(1);
  expect(await withClient(yours.uri, (client) => client.db().collection('people').countDocuments())).toBe(0);
});

test('gives each caller its own virtual host of RabbitMQ', async () => {
  const [mine, yours] = await Promise.all([testRabbit(), testRabbit()]);
  const { url, user, password } = mine.management;
  const headers = {
    authorization: `Basic ${btoa(`${user}:${password}`)}`,
    'content-type': 'application/json',
  };
  const queues = async (vhost: string): Promise<unknown> =>
    (await fetch(`${url}/api/queues/${vhost}`, { headers })).json();

  await fetch(`${url}/api/queues/${mine.vhost}/letters`, { method: 'PUT', headers, body: '{}' });

  expect(mine.url.endsWith(`/${mine.vhost}`)).toBe(true);
  expect(await queues(mine.vhost)).toMatchObject([{ name: 'letters' }]);
  expect(await queues(yours.vhost)).toEqual([]);
}, 60_000);

async function withClient<T>(uri: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
