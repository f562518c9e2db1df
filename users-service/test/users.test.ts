import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServiceTokens } from '@plaza/service-kit';
import { bearer, login, createSignedInUser, newUserInput, register, SECRET, startUsers } from './fixture.ts';

const ADMIN = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'the password of the admin' };

let users: Awaited<ReturnType<typeof startUsers>>;
let admin: Awaited<ReturnType<typeof login>>;
const service = { headers: {} };
beforeAll(async () => {
  users = await startUsers({ environment: ADMIN });
  await users.started;
  admin = await login(users.http, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
  service.headers = bearer(await createServiceTokens('posts-service', SECRET).issue());
});
afterAll(() => users.stop());

describe('GET /users/:id', () => {
  test('shows strangers no e-mail address', async () => {
    const ada = await register(users.http);
    const other = await createSignedInUser(users.http);
    for (const headers of [{}, other.headers]) {
      const { body } = await users.http.get(`/users/${ada.id}`).set(headers).expect(200);
      expect(body).toEqual({
        id: ada.id,
        _id: ada.id,
        username: ada.username,
        name: ada.name,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
    }
  });

  test('shows the e-mail address to the user, to administrators and to services', async () => {
    const ada = await createSignedInUser(users.http);
    for (const { headers } of [ada, admin, service]) {
      const { body } = await users.http.get(`/users/${ada.id}`).set(headers).expect(200);
      expect(body.email).toBe(ada.email);
    }
  });
});

describe('GET /users', () => {
  test('pages through all users, each once, in order', async () => {
    const registered = [];
    for (let n = 0; n < 5; n += 1) registered.push((await register(users.http)).id);
    const seen: string[] = [];
    let next: string | null = '';
    let pages = 0;
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`;
      const { body } = await users.http.get(`/users?limit=2${cursor}`).set(admin.headers).expect(200);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      next = body.next;
      pages += 1;
    }
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen).toEqual(expect.arrayContaining(registered));
    expect(pages).toBe(Math.ceil(seen.length / 2));
  });

  test('is for administrators', async () => {
    await users.http.get('/users').expect(401);
    const { headers } = await createSignedInUser(users.http);
    const { body } = await users.http.get('/users').set(headers).expect(403);
    expect(body.message).toBe('Only administrators may do this.');
    await users.http.get('/users').set(service.headers).expect(403);
  });

  test('refuses a cursor that is none of its own', async () => {
    const { body } = await users.http.get('/users?cursor=eyJ9').set(admin.headers).expect(400);
    expect(body.errors).toEqual([{ path: 'query.cursor', message: 'is not one of ours' }]);
  });
});

describe('changing a user', () => {
  test('PUT replaces username, e-mail address and name', async () => {
    const ada = await createSignedInUser(users.http);
    const { username, email } = newUserInput();
    const { body } = await users.http.put(`/users/${ada.id}`).set(ada.headers).send({ username, email });
    expect(body).toMatchObject({ id: ada.id, username, email, name: username });
    const found = await users.http.get(`/users/${ada.id}`).set(ada.headers);
    expect(found.body).toEqual(body);
  });

  test('PUT wants all of them', async () => {
    const ada = await createSignedInUser(users.http);
    const { body } = await users.http.put(`/users/${ada.id}`).set(ada.headers).send({}).expect(400);
    expect(body.errors).toEqual([
      { path: 'username', message: 'is required' },
      { path: 'email', message: 'is required' },
    ]);
  });

  test('PATCH changes what it names', async () => {
    const ada = await createSignedInUser(users.http);
    const { body } = await users.http.patch(`/users/${ada.id}`).set(ada.headers).send({ name: 'Ada' });
    expect(body).toMatchObject({ username: ada.username, email: ada.email, name: 'Ada' });
  });

  test('a changed e-mail address is the one to sign in with', async () => {
    const ada = await createSignedInUser(users.http);
    const { email } = newUserInput();
    await users.http.patch(`/users/${ada.id}`).set(ada.headers).send({ email }).expect(200);
    await login(users.http, email);
    await users.http
      .post('/auth/login')
      .send({ login: ada.email, password: 'correct horse battery' })
      .expect(401);
  });

  test('answers 409 where the new username is taken', async () => {
    const [ada, bob] = [await createSignedInUser(users.http), await register(users.http)];
    const { body } = await users.http
      .patch(`/users/${ada.id}`)
      .set(ada.headers)
      .send({ username: bob.username })
      .expect(409);
    expect(body.errors).toEqual([{ path: 'username', message: 'is taken' }]);
  });

  test('lets people change the case of their own name', async () => {
    const ada = await createSignedInUser(users.http);
    const username = ada.username.toUpperCase();
    const { body } = await users.http.patch(`/users/${ada.id}`).set(ada.headers).send({ username });
    expect(body.username).toBe(username);
  });

  test.each(['put', 'patch', 'delete'] as const)('%s is for the user and administrators', async (method) => {
    const [ada, mallory] = [await register(users.http), await createSignedInUser(users.http)];
    const body = { username: ada.username, email: ada.email };
    await users.http[method](`/users/${ada.id}`).send(body).expect(401);
    await users.http[method](`/users/${ada.id}`).set(mallory.headers).send(body).expect(403);
    await users.http[method](`/users/${ada.id}`).set(service.headers).send(body).expect(403);
    const answer = await users.http[method](`/users/${ada.id}`).set(admin.headers).send(body);
    expect(answer.status).toBe(method === 'delete' ? 204 : 200);
  });

  test('keeps every one of many changes at once to different fields', async () => {
    const ada = await createSignedInUser(users.http);
    const { username, email } = newUserInput();
    const changes = [{ username }, { email }, { name: 'Ada' }];
    const answers = await Promise.all(
      changes.map((change) => users.http.patch(`/users/${ada.id}`).set(ada.headers).send(change)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { body } = await users.http.get(`/users/${ada.id}`).set(ada.headers);
    expect(body).toMatchObject({ username, email, name: 'Ada' });
  });
});
