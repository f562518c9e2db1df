import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  fakeClock,
  login,
  createSignedInUser,
  newUserInput,
  openDatabase,
  PASSWORD,
  measureFastest,
  register,
  startUsers,
} from './fixture.ts';

const clock = fakeClock();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let users: Awaited<ReturnType<typeof startUsers>>;
let database: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  users = await startUsers({ dependencies: { now: clock.now } });
  await users.started;
  database = await openDatabase(users.servers.MONGODB_URI);
});
afterAll(() => Promise.all([users.stop(), database.close()]));

const refresh = (refreshToken: string) => users.http.post('/auth/refresh').send({ refreshToken });
const attempt = (body: object) => users.http.post('/auth/login').send(body);

describe('POST /auth/login', () => {
  test.each([
    ['login', 'username'],
    ['login', 'email'],
    ['username', 'username'],
    ['email', 'email'],
  ] as const)('takes as "%s" the %s, in whatever case', async (name, field) => {
    const ada = await register(users.http);
    const { status, body, headers } = await attempt({ [name]: ada[field].toUpperCase(), password: PASSWORD });
    expect(status).toBe(200);
    expect(body).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 900,
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  test('gives a token that says who it is for, for 15 minutes', async () => {
    const ada = await createSignedInUser(users.http);
    const claims = decodeJwt(ada.accessToken);
    expect(claims).toMatchObject({
      iss: 'plaza',
      aud: 'plaza',
      sub: ada.id,
      username: ada.username,
      scope: 'user',
      sid: expect.any(String),
      jti: expect.any(String),
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
    expect(decodeProtectedHeader(ada.accessToken).alg).toBe('RS256');
  });

  test('gives the same answer to a wrong password and to an unknown login', async () => {
    const ada = await register(users.http);
    const wrong = await attempt({ login: ada.username, password: 'not the password' });
    const unknown = await attempt({ login: 'nobody', password: 'not the password' });
    expect(wrong.status).toBe(401);
    expect(wrong.body).toMatchObject({ error: 'Invalid credentials', message: 'Invalid credentials' });
    const { requestId: _one, ...said } = wrong.body;
    const { requestId: _other, ...answerToUnknown } = unknown.body;
    expect(answerToUnknown).toEqual(said);
  });

  test('takes as long for an unknown login as for a wrong password', async () => {
    const ada = await register(users.http);
    const guess = (login: string) => attempt({ login, password: 'not the password' }).expect(401);
    const [known = NaN, unknown = NaN] = await measureFastest(
      () => guess(ada.username),
      () => guess('nobody-at-all'),
    );
    expect(unknown).toBeGreaterThan(known / 3);
    expect(unknown).toBeLessThan(known * 3);
  });

  test('gives a token that is refused 16 minutes later', async () => {
    const ada = await createSignedInUser(users.http);
    await users.http.get('/profile').set(ada.headers).expect(200);
    clock.advance(16 * MINUTE);
    const { body } = await users.http.get('/profile').set(ada.headers).expect(401);
    expect(body.message).toContain('expired');
  });

  test('wants one login', async () => {
    const none = await attempt({ password: PASSWORD }).expect(400);
    expect(none.body.errors).toEqual([{ path: 'login', message: 'is required' }]);
    const two = await attempt({ login: 'a', email: 'b', password: PASSWORD }).expect(400);
    expect(two.body.errors).toEqual([
      { path: 'login', message: 'is given more than once: as login, username or email' },
    ]);
  });
});

describe('POST /auth/refresh', () => {
  test('trades a refresh token for new tokens of the same user and login', async () => {
    const ada = await createSignedInUser(users.http);
    const { body } = await refresh(ada.refreshToken).expect(200);
    expect(body.refreshToken).not.toBe(ada.refreshToken);
    const [before, after] = [decodeJwt(ada.accessToken), decodeJwt(body.accessToken)];
    expect(after).toMatchObject({ sub: ada.id, sid: before['sid'] });
    await refresh(body.refreshToken).expect(200);
  });

  test('gives a token under the name that the user has now', async () => {
    const ada = await createSignedInUser(users.http);
    const { username } = newUserInput();
    await users.http.patch(`/users/${ada.id}`).set(ada.headers).send({ username }).expect(200);
    const { body } = await refresh(ada.refreshToken).expect(200);
    expect(decodeJwt(body.accessToken)['username']).toBe(username);
  });

  test('ends the whole family when a token comes a second time', async () => {
    const ada = await createSignedInUser(users.http);
    const { body: renewed } = await refresh(ada.refreshToken).expect(200);
    const { body } = await refresh(ada.refreshToken).expect(401);
    expect(body.code).toBe('refresh_token_reused');
    await refresh(renewed.refreshToken).expect(401);
    expect(users.lines).toContainEqual({
      level: 'warn',
      event: 'refresh_token_reused',
      message: expect.any(String),
      fields: { sessionId: decodeJwt(ada.accessToken)['sid'] },
    });
  });

  test('leaves other logins alone when one family ends', async () => {
    const ada = await createSignedInUser(users.http);
    const elsewhere = await login(users.http, ada.username);
    await refresh(ada.refreshToken).expect(200);
    await refresh(ada.refreshToken).expect(401);
    await refresh(elsewhere.refreshToken).expect(200);
  });

  test('lets at most one of many win who use a token at once', async () => {
    const ada = await createSignedInUser(users.http);
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(ada.refreshToken)));
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { body } of won) await refresh(body.refreshToken).expect(401);
  });

  test('is not to be had 30 days after the login', async () => {
    const ada = await createSignedInUser(users.http);
    clock.advance(29 * DAY);
    const { body } = await refresh(ada.refreshToken).expect(200);
    clock.advance(DAY);
    const late = await refresh(body.refreshToken).expect(401);
    expect(late.body.code).toBe('invalid_refresh_token');
  });

  test.each([
    ['malformed', 'nonsense'],
    ['of no session', `${'a'.repeat(22)}.${'b'.repeat(43)}`],
  ])('refuses a token that is %s', async (_, token) => {
    const { body } = await refresh(token).expect(401);
    expect(body.code).toBe('invalid_refresh_token');
  });

  test('keeps no refresh token in the database', async () => {
    const { refreshToken } = await createSignedInUser(users.http);
    const sessions = await database.connection.collection('sessions').find().toArray();
    expect(sessions.length).toBeGreaterThan(0);
    for (const part of refreshToken.split('.')) expect(JSON.stringify(sessions)).not.toContain(part);
  });
});

describe('POST /auth/logout', () => {
  test('ends the login of the access token', async () => {
    const ada = await createSignedInUser(users.http);
    await users.http.post('/auth/logout').set(ada.headers).expect(204);
    await refresh(ada.refreshToken).expect(401);
  });

  test('ends the login of a refresh token, signed in or not, and again', async () => {
    const { refreshToken } = await createSignedInUser(users.http);
    await users.http.post('/auth/logout').send({ refreshToken }).expect(204);
    await refresh(refreshToken).expect(401);
    await users.http.post('/auth/logout').send({ refreshToken }).expect(204);
  });

  test('leaves other logins alone', async () => {
    const ada = await createSignedInUser(users.http);
    const elsewhere = await login(users.http, ada.username);
    await users.http.post('/auth/logout').set(ada.headers).expect(204);
    await refresh(elsewhere.refreshToken).expect(200);
  });

  test('wants to know which', async () => {
    await users.http.post('/auth/logout').expect(401);
  });
});

test('a password hashed at an older price is hashed anew at the next login', async () => {
  const cheap = await startUsers({
    environment: users.servers,
    dependencies: { passwordCost: { memory: 64, passes: 1, parallelism: 1 } },
  });
  await cheap.started;
  const ada = await register(cheap.http);
  await cheap.stop();

  const hash = async () => (await database.users.findOne({ _id: ada.id }))?.passwordHash;
  expect(await hash()).toContain('$m=64,t=1,p=1$');
  await login(users.http, ada.username);
  expect(await hash()).toContain('$m=19456,t=2,p=1$');
  await login(users.http, ada.username);
});
