import { test, expect } from '@jest/globals';
import { testMongo, testRedis, testRabbit } from '@plaza/local-stack/testing';

test('gives spaces', async () => {
  console.log(await testRedis(), await testMongo());
  console.log(await testRabbit());
  expect(1).toBe(1);
}, 120000);
