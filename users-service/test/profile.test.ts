import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServiceTokens } from '@plaza/service-kit';
import {
  bearer,
  login,
  createSignedInUser,
  newUserInput,
  openDatabase,
  PASSWORD,
  register,
  SECRET,
  startUsers,
} from './fixture.ts';

let users: Awaited<ReturnType<typeof startUsers>>;
let database: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  users = await startUsers();
  await users.started;
  database = await openDatabase(users.servers.MONGODB_URI);
});
afterAll(() => Promise.all([users.stop(), database.close()]));

const sessions = () => database.connection.collection('sessions');

const DEFAULTS = { locale: 'en', theme: 'system', notifications: { email: true, push: true } };

describe('/profile', () => {
  test('shows the signed-in user everything of themselves', async () => {
    const ada = await createSignedInUser(users.http);
    const { body } = await users.http.get('/profile').set(ada.headers).expect(200);
    expect(body).toEqual({
      id: ada.id,
      _id: ada.id,
      username: ada.username,
      email: ada.email,
      name: ada.name,
      bio: '',
      preferences: DEFAULTS,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
  });

  test('changes what PUT names and leaves the rest', async () => {
    const ada = await createSignedInUser(users.http);
    const { email } = newUserInput();
    const changes = { bio: 'Wrote the first program.\nIn 1843.', email, preferences: { theme: 'dark' } };
    const { body } = await users.http.put('/profile').set(ada.headers).send(changes).expect(200);
    expect(body).toMatchObject({
      name: ada.name,
      bio: changes.bio,
      email,
      preferences: { ...DEFAULTS, theme: 'dark' },
    });
    const found = await users.http.get('/profile').set(ada.headers);
    expect(found.body).toEqual(body);
  });

  test('answers 409 where the new e-mail address is taken', async () => {
    const [ada, bob] = [await createSignedInUser(users.http), await register(users.http)];
    const { body } = await users.http.put('/profile').set(ada.headers).send({ email: bob.email }).expect(409);
    expect(body.errors).toEqual([{ path: 'email', message: 'is taken' }]);
  });

  test('is for people', async () => {
    await users.http.get('/profile').expect(401);
    const token = await createServiceTokens('posts-service', SECRET).issue();
    await users.http.get('/profile').set(bearer(token)).expect(403);
  });
});

describe('/profile/preferences', () => {
  test('begin with the defaults and keep what is set', async () => {
    const ada = await createSignedInUser(users.http);
    const before = await users.http.get('/profile/preferences').set(ada.headers).expect(200);
    expect(before.body).toEqual(DEFAULTS);
    const changes = { locale: 'EN-gb', notifications: { push: false } };
    await users.http.put('/profile/preferences').set(ada.headers).send(changes).expect(200);
    const after = await users.http.get('/profile/preferences').set(ada.headers);
    expect(after.body).toEqual({
      locale: 'en-GB',
      theme: 'system',
      notifications: { email: true, push: false },
    });
  });

  test.each([
    ['locale', { locale: 'no such language' }],
    ['theme', { theme: 'pink' }],
    ['notifications.email', { notifications: { email: 'yes' } }],
    ['colour', { colour: 'red' }],
  ])('refuses a wrong %s', async (path, changes) => {
    const { headers } = await createSignedInUser(users.http);
    const { body } = await users.http.put('/profile/preferences').set(headers).send(changes).expect(400);
    expect(body.errors).toEqual([{ path, message: expect.any(String) }]);
  });
});

describe('PUT /profile/password', () => {
  const next = 'another horse, another battery';
  const change = (headers: ReturnType<typeof bearer>, currentPassword = PASSWORD) =>
    users.http.put('/profile/password').set(headers).send({ currentPassword, newPassword: next });

  test('makes the new password the one to sign in with', async () => {
    const ada = await createSignedInUser(users.http);
    await change(ada.headers).expect(204);
    await login(users.http, ada.username, next);
    await users.http.post('/auth/login').send({ login: ada.username, password: PASSWORD }).expect(401);
  });

  test('ends all other logins, and not this one', async () => {
    const ada = await createSignedInUser(users.http);
    const elsewhere = await login(users.http, ada.username);
    await change(ada.headers).expect(204);
    const refresh = (refreshToken: string) => users.http.post('/auth/refresh').send({ refreshToken });
    await refresh(elsewhere.refreshToken).expect(401);
    await refresh(ada.refreshToken).expect(200);
    expect(await sessions().countDocuments({ userId: ada.id })).toBe(1);
  });

  test('ends a login that was under way with the old password', async () => {
    const ada = await createSignedInUser(users.http);
    const underWay = await login(users.http, ada.username);
    const session = await sessions().findOne({ userId: ada.id }, { sort: { createdAt: -1 } });
    await change(ada.headers).expect(204);
    if (session !== null) await sessions().insertOne(session);
    const { body } = await users.http
      .post('/auth/refresh')
      .send({ refreshToken: underWay.refreshToken })
      .expect(401);
    expect(body.code).toBe('invalid_refresh_token');
    expect(await sessions().countDocuments({ userId: ada.id })).toBe(1);
  });

  test('needs the current password', async () => {
    const ada = await createSignedInUser(users.http);
    const { body } = await change(ada.headers, 'not the password').expect(403);
    expect(body).toMatchObject({ code: 'wrong_password', errors: [{ path: 'currentPassword' }] });
    await login(users.http, ada.username);
  });

  test('counts a wrong current password as a wrong login', async () => {
    const ada = await createSignedInUser(users.http);
    for (let n = 0; n < 5; n += 1) await change(ada.headers, 'not the password').expect(403);
    await change(ada.headers).expect(429);
    await users.http.post('/auth/login').send({ login: ada.username, password: PASSWORD }).expect(429);
  });
});
