import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServiceTokens } from '@plaza/service-kit';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import {
  bearer,
  fakeClock,
  createSignedInUser,
  openDatabase,
  PASSWORD,
  SECRET,
  startUsers,
} from './fixture.ts';

const clock = fakeClock();
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let users: Awaited<ReturnType<typeof startUsers>>;
let database: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  users = await startUsers({ dependencies: { now: clock.now } });
  await users.started;
  database = await openDatabase(users.servers.MONGODB_URI);
});
afterAll(() => Promise.all([users.stop(), database.close()]));

const page = z.object({
  items: z.array(z.object({ sessionId: z.string(), until: z.iso.datetime() })),
  next: z.string(),
  more: z.boolean(),
});

async function revocations(since?: string) {
  const token = await createServiceTokens('api-gateway', SECRET, () => clock.now().getTime()).issue();
  const response = await users.http
    .get('/auth/revocations')
    .query(since === undefined ? {} : { since })
    .set(bearer(token))
    .expect(200);
  return page.parse(response.body);
}

const ended = async (since?: string) => (await revocations(since)).items.map(({ sessionId }) => sessionId);
const sessionOf = ({ accessToken }: { accessToken: string }) => String(decodeJwt(accessToken)['sid']);

describe('a login is told as ended', () => {
  test('after a logout with its access token', async () => {
    const ada = await createSignedInUser(users.http);
    await users.http.post('/auth/logout').set(ada.headers).expect(204);
    expect(await ended()).toContain(sessionOf(ada));
  });

  test('after a logout with its refresh token', async () => {
    const ada = await createSignedInUser(users.http);
    await users.http.post('/auth/logout').send({ refreshToken: ada.refreshToken }).expect(204);
    expect(await ended()).toContain(sessionOf(ada));
  });

  test('after a change of the password by another one, which lives on', async () => {
    const ada = await createSignedInUser(users.http);
    const { body: other } = await users.http
      .post('/auth/login')
      .send({ login: ada.username, password: PASSWORD })
      .expect(200);
    await users.http
      .put('/profile/password')
      .set(bearer(other.accessToken))
      .send({ currentPassword: PASSWORD, newPassword: 'another good password' })
      .expect(204);
    const told = await ended();
    expect(told).toContain(sessionOf(ada));
    expect(told).not.toContain(sessionOf(other));
  });

  test('after the user was deleted', async () => {
    const ada = await createSignedInUser(users.http);
    await users.http.delete(`/users/${ada.id}`).set(ada.headers).expect(204);
    expect(await ended()).toContain(sessionOf(ada));
  });

  test('after a refresh token was used twice', async () => {
    const ada = await createSignedInUser(users.http);
    const refresh = () => users.http.post('/auth/refresh').send({ refreshToken: ada.refreshToken });
    await refresh().expect(200);
    await refresh().expect(401);
    expect(await ended()).toContain(sessionOf(ada));
  });

  test('for as long as a token of it could be valid', async () => {
    const ada = await createSignedInUser(users.http);
    await users.http.post('/auth/logout').set(ada.headers).expect(204);
    const { exp = NaN } = decodeJwt(ada.accessToken);
    const told = (await revocations()).items.find(({ sessionId }) => sessionId === sessionOf(ada));
    expect(Date.parse(told?.until ?? '')).toBeGreaterThan((exp + 30) * SECOND);
    clock.advance(17 * MINUTE);
    expect(await ended()).not.toContain(sessionOf(ada));
  });
});

test('a client cannot invent revocations', async () => {
  const before = await ended();
  await users.http.post('/auth/logout').send({ refreshToken: `${'a'.repeat(22)}.${'b'.repeat(43)}` });
  expect(await ended()).toEqual(before);
});

test('who asks on is told what came since, and what came shortly before once more', async () => {
  const [ada, bob, carol] = [
    await createSignedInUser(users.http),
    await createSignedInUser(users.http),
    await createSignedInUser(users.http),
  ];
  await users.http.post('/auth/logout').set(ada.headers).expect(204);
  clock.advance(MINUTE);
  await users.http.post('/auth/logout').set(bob.headers).expect(204);
  const { next, more } = await revocations();
  expect(more).toBe(false);
  await users.http.post('/auth/logout').set(carol.headers).expect(204);
  const told = await ended(next);
  expect(told).not.toContain(sessionOf(ada));
  expect(told).toEqual(expect.arrayContaining([sessionOf(bob), sessionOf(carol)]));
});

test('many are told in pages, each of them once in a row', async () => {
  const at = clock.now().getTime();
  await database.connection.collection<{ _id: string }>('revocations').insertMany(
    Array.from({ length: 2_100 }, (_, index) => ({
      _id: `many-${String(index).padStart(4, '0')}`,
      endedAt: new Date(at + (index % 3)),
      until: new Date(at + 10 * MINUTE),
    })),
  );
  const seen: string[] = [];
  for (let since: string | undefined, more = true; more;) {
    const answer = await revocations(since);
    seen.push(...answer.items.map(({ sessionId }) => sessionId).filter((id) => id.startsWith('many-')));
    ({ next: since, more } = answer);
  }
  expect(seen).toHaveLength(2_100);
  expect(new Set(seen).size).toBe(2_100);
});

describe('they are for services', () => {
  test('and not for users', async () => {
    const ada = await createSignedInUser(users.http);
    await users.http.get('/auth/revocations').set(ada.headers).expect(403);
  });

  test('nor without a token', () => users.http.get('/auth/revocations').expect(401));

  test('who ask with a cursor of ours', async () => {
    const token = await createServiceTokens('api-gateway', SECRET, () => clock.now().getTime()).issue();
    await users.http.get('/auth/revocations?since=nonsense').set(bearer(token)).expect(400);
  });
});

test('asking for them fills no log', async () => {
  await revocations();
  const before = users.lines.filter(({ level }) => level === 'info').length;
  await revocations();
  expect(users.lines.filter(({ level }) => level === 'info')).toHaveLength(before);
});
