import { expect, test } from '@jest/globals';
import { startMongo, startRedis } from '@plaza/local-stack/testing';
import { runMongoCommand } from '../src/servers/mongodb.ts';
import { sendRedisCommand } from '../src/servers/redis.ts';

test('stops a private Redis and starts it on the same port with its data', async () => {
  const redis = await startRedis();
  await sendRedisCommand(redis.url, 'SET name ada');

  await redis.stop();
  await expect(sendRedisCommand(redis.url, 'PING')).rejects.toThrow('ECONNREFUSED');

  await redis.start();
  expect(await sendRedisCommand(redis.url, 'DBSIZE')).toBe(':1');
});

test('keeps the data of a killed private Redis, or starts it empty', async () => {
  const redis = await startRedis();
  await sendRedisCommand(redis.url, 'SET name ada');

  await redis.kill();
  await redis.start();
  expect(await sendRedisCommand(redis.url, 'DBSIZE')).toBe(':1');

  await redis.kill();
  await redis.start({ empty: true });
  expect(await sendRedisCommand(redis.url, 'DBSIZE')).toBe(':0');
});

test('keeps the data of a killed private MongoDB', async () => {
  const mongo = await startMongo();
  await runMongoCommand(mongo.uri, 'test', { insert: 'people', documents: [{ name: 'ada' }] });

  await mongo.kill();
  await expect(runMongoCommand(mongo.uri, 'test', { ping: 1 })).rejects.toThrow('ECONNREFUSED');

  await mongo.start();
  expect(await runMongoCommand(mongo.uri, 'test', { count: 'people' })).toMatchObject({ n: 1 });
});
