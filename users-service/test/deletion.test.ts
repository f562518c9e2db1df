import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  login,
  createSignedInUser,
  NO_BROKER,
  openDatabase,
  PASSWORD,
  register,
  startUsers,
} from './fixture.ts';

const ADMIN = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'the password of the admin' };

let users: Awaited<ReturnType<typeof startUsers>>;
let database: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  users = await startUsers({ environment: { ...ADMIN, ...NO_BROKER } });
  await users.started;
  database = await openDatabase(users.servers.MONGODB_URI);
});
afterAll(() => Promise.all([users.stop(), database.close()]));

async function deleted() {
  const user = await createSignedInUser(users.http);
  await users.http.delete(`/users/${user.id}`).set(user.headers).expect(204);
  return user;
}

describe('a deleted user', () => {
  test('leaves a tombstone with nothing but what waits to be published', async () => {
    const { id } = await deleted();
    const tombstone = await database.users.findOne({ _id: id });
    expect(tombstone).toEqual({
      _id: id,
      seq: 2,
      deletedAt: expect.any(Date),
      outboxSince: expect.any(Date),
      outbox: [
        expect.objectContaining({ eventType: 'user.created' }),
        expect.objectContaining({ eventType: 'user.deleted', data: { userId: id } }),
      ],
    });
  });

  test('leaves no sessions', async () => {
    const { id } = await deleted();
    expect(await database.connection.collection('sessions').countDocuments({ userId: id })).toBe(0);
  });

  test('is not found any more, not even by a token that still holds', async () => {
    const { id, headers } = await deleted();
    const answers = [
      await users.http.get(`/users/${id}`),
      await users.http.patch(`/users/${id}`).set(headers).send({ name: 'Ghost' }),
      await users.http.delete(`/users/${id}`).set(headers),
      await users.http.get('/profile').set(headers),
      await users.http.put('/profile').set(headers).send({ name: 'Ghost' }),
      await users.http.get('/profile/preferences').set(headers),
      await users.http
        .put('/profile/password')
        .set(headers)
        .send({ currentPassword: PASSWORD, newPassword: 'a ghost has no password' }),
    ];
    for (const { status, body } of answers) {
      expect({ status, error: body.error }).toEqual({ status: 404, error: 'User not found' });
    }
  });

  test('is on no page of the list', async () => {
    const { id } = await deleted();
    const { headers } = await login(users.http, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
    const { body } = await users.http.get('/users?limit=100').set(headers).expect(200);
    expect(body.items.length).toBeGreaterThan(0);
    expect(body.items.map((user: { id: string }) => user.id)).not.toContain(id);
  });

  test('can neither sign in nor refresh', async () => {
    const { username, refreshToken } = await deleted();
    await users.http.post('/auth/login').send({ login: username, password: PASSWORD }).expect(401);
    await users.http.post('/auth/refresh').send({ refreshToken }).expect(401);
  });

  test('gives username and e-mail address free', async () => {
    const { id, username, email } = await deleted();
    const again = await register(users.http, { username, email, password: PASSWORD });
    expect(again.id).not.toBe(id);
    await login(users.http, username);
  });
});

test('deleting at once succeeds once', async () => {
  const user = await createSignedInUser(users.http);
  const answers = await Promise.all(
    [1, 2, 3].map(() => users.http.delete(`/users/${user.id}`).set(user.headers)),
  );
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 404, 404]);
  const tombstone = await database.users.findOne({ _id: user.id });
  expect(tombstone?.outbox).toHaveLength(2);
});

test('the last administrator stays', async () => {
  const admin = await login(users.http, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
  const { body: profile } = await users.http.get('/profile').set(admin.headers).expect(200);
  const { body } = await users.http.delete(`/users/${profile.id}`).set(admin.headers).expect(409);
  expect(body.code).toBe('last_admin');

  const successor = { ADMIN_EMAIL: 'next@example.com', ADMIN_PASSWORD: 'the password of the next' };
  const replica = await startUsers({ environment: { ...users.servers, ...successor } });
  await replica.started;
  await replica.stop();
  await users.http.delete(`/users/${profile.id}`).set(admin.headers).expect(204);
});
