import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMemoryLoginAttempts } from '../src/data/login-attempts.memory.ts';
import { createLoginRateLimiter } from '../src/domain/login-rate-limiter.ts';
import { fakeClock, PASSWORD, register, startUsers } from './fixture.ts';

const clock = fakeClock();
const MINUTE = 60_000;

let users: Awaited<ReturnType<typeof startUsers>>;
let replica: Awaited<ReturnType<typeof startUsers>>;
beforeAll(async () => {
  users = await startUsers({ dependencies: { now: clock.now } });
  replica = await startUsers({ environment: users.servers, dependencies: { now: clock.now } });
  await Promise.all([users.started, replica.started]);
});
afterAll(() => Promise.all([users.stop(), replica.stop()]));

let addresses = 0;
const newAddress = () => {
  addresses += 1;
  return `192.0.2.${addresses}`;
};

const attempt = (login: string, password: string, address: string, at = users) =>
  at.http.post('/auth/login').set('X-Forwarded-For', address).send({ login, password });

async function fail(times: number, login: string, address: string) {
  for (let n = 0; n < times; n += 1) await attempt(login, 'wrong password', address).expect(401);
}

test('after five wrong passwords the right one has to wait too, and is told how long', async () => {
  const [{ username }, address] = [await register(users.http), newAddress()];
  await fail(5, username, address);
  const { body, headers } = await attempt(username, PASSWORD, address).expect(429);
  expect(body.code).toBe('too_many_logins');
  expect(Number(headers['retry-after'])).toBeGreaterThan(14 * 60);
  expect(Number(headers['retry-after'])).toBeLessThanOrEqual(15 * 60);
});

test('15 minutes later there is room again', async () => {
  const [{ username }, address] = [await register(users.http), newAddress()];
  await fail(5, username, address);
  clock.advance(14 * MINUTE);
  await attempt(username, PASSWORD, address).expect(429);
  clock.advance(MINUTE);
  await attempt(username, PASSWORD, address).expect(200);
});

test('a right password forgets the wrong ones', async () => {
  const [{ username }, address] = [await register(users.http), newAddress()];
  await fail(4, username, address);
  await attempt(username, PASSWORD, address).expect(200);
  await fail(4, username, address);
  await attempt(username, PASSWORD, address).expect(200);
});

test('of many attempts at once five are tried', async () => {
  const [{ username }, address] = [await register(users.http), newAddress()];
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => attempt(username, 'wrong password', address)),
  );
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
});

test('username and e-mail address count as the one account that they are', async () => {
  const [{ username, email }, address] = [await register(users.http), newAddress()];
  await fail(3, username, address);
  await fail(2, email.toUpperCase(), address);
  await attempt(username, PASSWORD, address).expect(429);
});

test('an unknown login is counted like any other', async () => {
  const address = newAddress();
  await fail(5, 'nobody', address);
  await attempt('NOBODY', PASSWORD, address).expect(429);
});

test('other addresses and other accounts go on', async () => {
  const [ada, bob, address] = [await register(users.http), await register(users.http), newAddress()];
  await fail(5, ada.username, address);
  await attempt(bob.username, PASSWORD, address).expect(200);
  await attempt(ada.username, PASSWORD, newAddress()).expect(200);
});

test('replicas count together', async () => {
  const [{ username }, address] = [await register(users.http), newAddress()];
  await fail(5, username, address);
  await attempt(username, PASSWORD, address, replica).expect(429);
});

describe('an address', () => {
  test('of IPv6 counts as its network of 64 bits', async () => {
    const { username } = await register(users.http);
    for (let n = 1; n <= 5; n += 1) await fail(1, username, `2001:db8:1:2::${n}`);
    await attempt(username, PASSWORD, '2001:db8:1:2:ffff::1').expect(429);
    await attempt(username, PASSWORD, '2001:db8:1:3::1').expect(200);
  });

  test('of IPv4 is the same one when it is written as IPv6', async () => {
    const { username } = await register(users.http);
    const address = newAddress();
    await fail(5, username, address);
    await attempt(username, PASSWORD, `::ffff:${address}`).expect(429);
  });
});

test('a check that could not be made is no wrong password', async () => {
  const limit = createLoginRateLimiter(createMemoryLoginAttempts(clock.now), randomUUID);
  const [attempted, away] = [{ account: 'ada', address: newAddress() }, new Error('the database is away')];
  for (let n = 0; n < 6; n += 1) {
    await expect(limit(attempted, () => Promise.reject(away))).rejects.toBe(away);
  }
  expect(await limit(attempted, () => Promise.resolve(true))).toBe(true);
});

test('without Redis the same rules hold in memory', async () => {
  const limit = createLoginRateLimiter(createMemoryLoginAttempts(clock.now), randomUUID);
  const attempted = { account: 'ada', address: newAddress() };
  const wrong = () => limit(attempted, () => Promise.resolve(false));
  for (let n = 0; n < 5; n += 1) expect(await wrong()).toBe(false);
  await expect(wrong()).rejects.toMatchObject({ code: 'too_many_logins' });
  clock.advance(15 * MINUTE);
  expect(await wrong()).toBe(false);
});
