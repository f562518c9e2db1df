import { expect, test } from '@jest/globals';
import { startMongo, startRedis } from '@plaza/local-stack/testing';
import { mongoCommand } from '../src/servers/mongodb.ts';
import { redisCall } from '../src/servers/redis.ts';

test('stops a private Redis and starts it on the same port with its data', async () => {
  const redis = await startRedis();
  await redisCall(redis.url, 'SET name ada');

  await redis.stop();
  await expect(redisCall(redis.url, 'PING')).rejects.toThrow('ECONNREFUSED');

  await redis.start();
  expect(await redisCall(redis.url, 'DBSIZE')).toBe(':1');
});

test('keeps the data of a killed private Redis, or starts it empty', async () => {
  const redis = await startRedis();
  await redisCall(redis.url, 'SET name ada');

  await redis.kill();
  await redis.start();
  expect(await redisCall(redis.url, 'DBSIZE')).toBe(':1');

  await redis.kill();
  await redis.start({ empty: true });
  expect(await redisCall(redis.url, 'DBSIZE')).toBe(':0');
});

test('keeps the data of a killed private MongoDB', async () => {
  const mongo = await startMongo();
  await mongoCommand(mongo.uri, 'test', { insert: 'people', documents: [{ name: 'ada' }] });

  await mongo.kill();
  await expect(mongoCommand(mongo.uri, 'test', { ping: 1 })).rejects.toThrow('ECONNREFUSED');

  await mongo.start();
  expect(await mongoCommand(mongo.uri, 'test', { count: 'people' })).toMatchObject({ n: 1 });
});
