import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bearer,
  login,
  createSignedInUser,
  newUserInput,
  NO_BROKER,
  openDatabase,
  PASSWORD,
  register,
  startUsers,
} from './fixture.ts';

let users: Awaited<ReturnType<typeof startUsers>>;
let database: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  users = await startUsers({ environment: NO_BROKER });
  await users.started;
  database = await openDatabase(users.servers.MONGODB_URI);
});
afterAll(() => Promise.all([users.stop(), database.close()]));

async function stored(id: string) {
  const document = await database.users.findOne({ _id: id });
  if (document === null) throw new Error(`no user ${id}`);
  return document;
}

describe('the outbox of a user', () => {
  test('holds user.created from the first write on', async () => {
    const { username, email } = newUserInput();
    const { id } = await register(users.http, { username, email, password: PASSWORD, name: 'Ada' });
    const { seq, outbox, outboxSince } = await stored(id);
    expect(seq).toBe(1);
    expect(outboxSince).toEqual(expect.any(Date));
    expect(outbox).toEqual([
      {
        eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        eventType: 'user.created',
        seq: 1,
        occurredAt: expect.any(Date),
        data: { userId: id, username, email, name: 'Ada' },
        context: { correlationId: expect.any(String) },
      },
    ]);
  });

  test('holds user.updated with what is new, in order', async () => {
    const ada = await createSignedInUser(users.http);
    const { email } = newUserInput();
    await users.http.patch(`/users/${ada.id}`).set(ada.headers).send({ name: 'Ada' }).expect(200);
    await users.http.put('/profile').set(ada.headers).send({ email, bio: 'not told' }).expect(200);
    const { seq, outbox } = await stored(ada.id);
    expect(seq).toBe(3);
    const who = { userId: ada.id, username: ada.username, name: 'Ada' };
    expect(outbox).toMatchObject([
      { seq: 1, eventType: 'user.created' },
      { seq: 2, eventType: 'user.updated', data: { ...who, email: ada.email, changed: ['name'] } },
      { seq: 3, eventType: 'user.updated', data: { ...who, email, changed: ['email'] } },
    ]);
    expect(JSON.stringify(outbox)).not.toContain('not told');
  });

  test('ties an event to the request that caused it', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { body } = await users.http
      .post('/users')
      .set({ 'X-Request-Id': 'request-of-the-test', traceparent })
      .send(newUserInput())
      .expect(201);
    const { outbox } = await stored(body.id);
    expect(outbox).toMatchObject([{ context: { correlationId: 'request-of-the-test', traceparent } }]);
  });

  test('says nothing of preferences, passwords and logins, though seq tells that something changed', async () => {
    const ada = await createSignedInUser(users.http);
    await users.http.put('/profile/preferences').set(ada.headers).send({ theme: 'dark' }).expect(200);
    const newPassword = 'another horse, another battery';
    await users.http
      .put('/profile/password')
      .set(ada.headers)
      .send({ currentPassword: PASSWORD, newPassword })
      .expect(204);
    await login(users.http, ada.username, newPassword);
    const { seq, outbox } = await stored(ada.id);
    expect(seq).toBe(3);
    expect(outbox).toHaveLength(1);
  });

  test('says nothing where nothing changed', async () => {
    const ada = await createSignedInUser(users.http);
    const { username, email, name } = ada;
    await users.http.put(`/users/${ada.id}`).set(ada.headers).send({ username, email, name }).expect(200);
    expect(await stored(ada.id)).toMatchObject({ seq: 1, outbox: [{ eventType: 'user.created' }] });
  });

  test('says nothing of a change that was refused', async () => {
    const [ada, bob] = [await createSignedInUser(users.http), await register(users.http)];
    await users.http
      .patch(`/users/${ada.id}`)
      .set(bearer(ada.accessToken))
      .send({ email: bob.email })
      .expect(409);
    expect((await stored(ada.id)).outbox).toHaveLength(1);
  });
});
