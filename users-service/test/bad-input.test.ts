import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import {
  bearer,
  fakeClock,
  login,
  createSignedInUser,
  newUserInput,
  PASSWORD,
  SECRET,
  startUsers,
} from './fixture.ts';

const ADMIN = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'the password of the admin' };
const clock = fakeClock();

let users: Awaited<ReturnType<typeof startUsers>>;
let ada: Awaited<ReturnType<typeof createSignedInUser>>;
let admin: Awaited<ReturnType<typeof login>>;
beforeAll(async () => {
  users = await startUsers({ environment: ADMIN, dependencies: { now: clock.now } });
  await users.started;
  ada = await createSignedInUser(users.http);
  admin = await login(users.http, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
});
afterAll(() => users.stop());

const valid = { ...newUserInput(), username: 'valid', email: 'valid@example.com' };

describe('a registration', () => {
  test.each([
    ['nothing in it', {}, ['username', 'email', 'password']],
    ['a number for a username', { ...valid, username: 42 }, ['username']],
    ['a short username', { ...valid, username: 'ab' }, ['username']],
    ['a long username', { ...valid, username: 'a'.repeat(31) }, ['username']],
    ['a space in the username', { ...valid, username: 'ada lovelace' }, ['username']],
    ['an @ in the username', { ...valid, username: 'a@b.example' }, ['username']],
    ['a letter of another alphabet in the username', { ...valid, username: 'аdа' }, ['username']],
    ['no e-mail address', { ...valid, email: 'nonsense' }, ['email']],
    ['a long e-mail address', { ...valid, email: `${'a'.repeat(250)}@example.com` }, ['email']],
    ['an operator for an e-mail address', { ...valid, email: { $ne: null } }, ['email']],
    ['an operator for a password', { ...valid, password: { $gt: '' } }, ['password']],
    ['a list for a username', { ...valid, username: ['ada'] }, ['username']],
    ['null for an e-mail address', { ...valid, email: null }, ['email']],
    ['a short password', { ...valid, password: 'short' }, ['password']],
    ['a long password', { ...valid, password: 'a'.repeat(129) }, ['password']],
    ['an empty name', { ...valid, name: ' ' }, ['name']],
    ['a NUL in the name', { ...valid, name: 'a\0b' }, ['name']],
    ['half a character in the name', { ...valid, name: 'a\ud800' }, ['name']],
    ['a field that is none', { ...valid, admin: true }, ['admin']],
    ['an id of their own', { ...valid, _id: '1', id: '1' }, ['_id', 'id']],
    ['a constructor', { ...valid, constructor: { prototype: { admin: true } } }, ['constructor']],
    ['a list for a body', [valid], ['']],
  ])('with %s is a 400 that names the field', async (_, body, paths) => {
    const response = await users.http.post('/users').send(body);
    expect(response.status).toBe(400);
    expect(response.body.code).toBe('validation_failed');
    expect(response.body.errors.map(({ path }: { path: string }) => path)).toEqual(paths);
    for (const { message } of response.body.errors) expect(message).toMatch(/\w/);
  });

  test.each([
    ['broken JSON', '{"username": "ada"', 400, 'malformed_request'],
    ['a bare word', 'ada', 400, 'malformed_request'],
    ['__proto__', '{"__proto__": {"admin": true}}', 400, 'malformed_request'],
    ['__proto__ further in', '{"username": {"__proto__": {}}}', 400, 'malformed_request'],
    ['10 MB', JSON.stringify({ ...valid, name: 'a'.repeat(10_000_000) }), 413, 'payload_too_large'],
  ])('of %s is refused in words', async (_, text, status, code) => {
    const response = await users.http.post('/users').type('application/json').send(text);
    expect(response.status).toBe(status);
    expect(response.body).toMatchObject({ code, message: expect.stringMatching(/\w/) });
  });

  test('without a body is a 400', async () => {
    const { body } = await users.http.post('/users').expect(400);
    expect(body.errors).toEqual([{ path: '', message: 'is required' }]);
  });

  test('in another format is a 415', async () => {
    await users.http.post('/users').type('text/plain').send('username=ada').expect(415);
  });

  test.each(['/users', '/auth/login', '/auth/refresh', '/auth/logout'])(
    'to %s may not be XML',
    async (path) => {
      await users.http.post(path).type('application/xml').send('<user/>').expect(415);
    },
  );
});

describe('a login', () => {
  test.each([
    ['an operator for a login', { login: { $ne: null }, password: PASSWORD }, ['login']],
    [
      'an operator for an e-mail address',
      { email: { $ne: null }, password: { $ne: null } },
      ['email', 'password'],
    ],
    ['a number for a password', { login: 'ada', password: 12_345_678 }, ['password']],
    ['an endless password', { login: 'ada', password: 'a'.repeat(50_000) }, ['password']],
  ])('with %s is a 400 that names the field', async (_, body, paths) => {
    const response = await users.http.post('/auth/login').send(body).expect(400);
    expect(response.body.errors.map(({ path }: { path: string }) => path)).toEqual(paths);
  });

  test('with a NUL in it finds no user', async () => {
    await users.http.post('/auth/login').send({ login: 'ada\0', password: PASSWORD }).expect(401);
  });
});

describe('an id', () => {
  test.each([
    ['of no user', '0123456789abcdef01234567'],
    ['that is too short', '1'],
    ['that is an operator', '%7B%22$ne%22:null%7D'],
    ['with brackets', '[$ne]'],
    ['with a NUL', '%00'],
    ['of an emoji', '%F0%9F%92%A9'],
    ['that is very long', 'a'.repeat(5_000)],
    ['called __proto__', '__proto__'],
  ])('%s is a 404', async (_, id) => {
    const body = { username: 'nobody', email: 'nobody@example.com' };
    const answers = [
      await users.http.get(`/users/${id}`),
      await users.http.put(`/users/${id}`).set(admin.headers).send(body),
      await users.http.patch(`/users/${id}`).set(admin.headers).send(body),
      await users.http.delete(`/users/${id}`).set(admin.headers),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ error: 'User not found', message: 'User not found' });
    }
  });

  test('that is no text at all is a 400', async () => {
    await users.http.get('/users/%E0%A4%A').expect(400);
  });
});

describe('a list', () => {
  test.each([
    ['limit=0', 'query.limit'],
    ['limit=101', 'query.limit'],
    ['limit=many', 'query.limit'],
    ['limit[$gt]=1', 'query.limit[$gt]'],
    ['cursor=%00', 'query.cursor'],
    ['cursor=a&cursor=b', 'query.cursor'],
    ['email[$ne]=x', 'query.email[$ne]'],
  ])('with ?%s is a 400 that names the field', async (query, path) => {
    const { body } = await users.http.get(`/users?${query}`).set(admin.headers).expect(400);
    expect(body.errors).toEqual([{ path, message: expect.stringMatching(/\w/) }]);
  });
});

describe('an access token', () => {
  const claims = () => ({
    sub: ada.id,
    username: ada.username,
    scope: 'user admin',
    iss: 'plaza',
    aud: 'plaza',
  });

  const forged: [string, () => Promise<string> | string][] = [
    ['that is none', () => 'nonsense'],
    ['with a dot too many', () => `${ada.accessToken}.x`],
    ['with an empty header', () => `.${ada.accessToken.split('.').slice(1).join('.')}`],
    ['with another signature', () => `${ada.accessToken.split('.').slice(0, 2).join('.')}.AAAA`],
    [
      'with other claims under the old signature',
      () => {
        const [header, , signature] = ada.accessToken.split('.');
        const payload = Buffer.from(JSON.stringify({ ...claims(), exp: 9_999_999_999 })).toString(
          'base64url',
        );
        return [header, payload, signature].join('.');
      },
    ],
    ['of alg none', () => new UnsecuredJWT(claims()).setExpirationTime('1h').encode()],
    [
      'signed with the public key as a secret',
      async () => {
        const { body } = await users.http.get('/.well-known/jwks.json');
        const pem = createPublicKey({ key: body.keys[0], format: 'jwk' }).export({
          type: 'spki',
          format: 'pem',
        });
        return new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: body.keys[0].kid })
          .setExpirationTime('1h')
          .sign(Buffer.from(pem));
      },
    ],
    [
      'of a user, signed with the secret of the services',
      () =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256' })
          .setExpirationTime('1h')
          .sign(Buffer.from(SECRET)),
    ],
    ['that is very long', () => 'a.'.repeat(4_000)],
  ];

  test.each(forged)('%s is a 401', async (_, forge) => {
    const token = await forge();
    const { status, body, headers } = await users.http.get('/profile').set(bearer(token));
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'unauthorized', message: expect.stringMatching(/\w/) });
    expect(headers['www-authenticate']).toBe('Bearer');
  });

  test('that has expired is a 401 that says so', async () => {
    const bob = await createSignedInUser(users.http);
    clock.advance(16 * 60_000);
    const { body } = await users.http.get('/profile').set(bob.headers).expect(401);
    expect(body.message).toContain('expired');
  });

  test('in another scheme is a 401 that says which is meant', async () => {
    const { body } = await users.http.get('/profile').set('Authorization', 'Basic YTpi').expect(401);
    expect(body.message).toContain('Bearer');
  });

  test('that is wrong is refused even where none is needed', async () => {
    await users.http.get(`/users/${ada.id}`).set(bearer('nonsense')).expect(401);
  });
});

test('nothing of all this was a defect of ours', () => {
  expect(users.lines.filter(({ level }) => level === 'error')).toEqual([]);
});
