import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createOutbox } from '@plaza/messaging';
import { createBulkhead, createResilienceMetrics } from '@plaza/resilience';
import { createMetrics } from '@plaza/service-kit';
import { createPasswordHasher } from '../src/crypto/argon2-password-hasher.ts';
import { newUserId, userModels } from '../src/data/user.model.ts';
import { createUserRepository } from '../src/data/user.repository.ts';
import { createUsersService, type UsersService } from '../src/domain/users.service.ts';
import { newUserInput, openDatabase, PASSWORD, startUsers } from './fixture.ts';

let users: Awaited<ReturnType<typeof startUsers>>;
beforeAll(async () => {
  users = await startUsers();
  await users.started;
});
afterAll(() => users.stop());

describe('UsersService', () => {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let accounts: UsersService;

  beforeAll(async () => {
    database = await openDatabase(users.servers.MONGODB_URI);
    const now = () => new Date();
    const { users: model, outboxed } = userModels(database.connection);
    const metrics = createResilienceMetrics(createMetrics({ service: 'test', version: '1' }).registry);
    accounts = createUsersService({
      users: createUserRepository(model, createOutbox({ model: outboxed }), now),
      passwords: createPasswordHasher({ bulkhead: createBulkhead({ name: 'hashes', metrics }) }),
      endSessions: async () => undefined,
      newId: newUserId,
      now,
    });
  });
  afterAll(() => database.close());

  test('createUser returns the user who can then be found', async () => {
    const { username, email, password } = newUserInput();
    const created = await accounts.createUser({ username, email, password });
    expect(created).toMatchObject({ username, email, name: username });
    expect(await accounts.getUserById(created.id)).toMatchObject({ id: created.id, username, email });
  });

  test('createUser rejects a taken name with "User already exists"', async () => {
    const input = newUserInput();
    await accounts.createUser(input);
    await expect(accounts.createUser(input)).rejects.toThrow('User already exists');
  });

  test('getUserById is null for a user who does not exist', async () => {
    expect(await accounts.getUserById(newUserId())).toBeNull();
  });
});

describe('POST /users', () => {
  test('answers 201 with the new user, and never with the password', async () => {
    const { username, email } = newUserInput();
    const response = await users.http
      .post('/users')
      .send({ username, email, password: PASSWORD, name: 'Ada' });
    expect(response.status).toBe(201);
    expect(response.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      _id: response.body.id,
      username,
      email,
      name: 'Ada',
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: response.body.createdAt,
    });
    expect(response.headers['location']).toBe(`users/${response.body.id}`);
  });

  test.each([
    ['username', { username: true, email: false }],
    ['email', { username: false, email: true }],
  ])('answers 409 and names the taken %s, in whatever case it is written', async (field, taken) => {
    const first = newUserInput();
    await users.http.post('/users').send(first).expect(201);
    const second = newUserInput();
    const response = await users.http.post('/users').send({
      ...second,
      ...(taken.username ? { username: first.username.toUpperCase() } : {}),
      ...(taken.email ? { email: first.email.toUpperCase() } : {}),
    });
    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({
      error: 'User already exists',
      code: 'user_exists',
      errors: [{ path: field, message: 'is taken' }],
    });
  });

  test('names both fields where both are taken', async () => {
    const input = newUserInput();
    await users.http.post('/users').send(input).expect(201);
    const response = await users.http.post('/users').send(input).expect(409);
    expect(response.body.errors.map(({ path }: { path: string }) => path)).toEqual(['username', 'email']);
  });

  test.each([
    ['username', (n: number) => ({ email: `other${n}@example.com` })],
    ['email', (n: number) => ({ username: `other${n}` })],
  ])('lets one of many win who take the same %s at once', async (field, different) => {
    const input = newUserInput();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => users.http.post('/users').send({ ...input, ...different(n) })),
    );
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
    const lost = answers.filter(({ status }) => status === 409);
    expect(new Set(lost.map(({ body }) => JSON.stringify(body.errors)))).toEqual(
      new Set([JSON.stringify([{ path: field, message: 'is taken' }])]),
    );
  });

  test('is /auth/register as well', async () => {
    const input = newUserInput();
    await users.http.post('/auth/register').send(input).expect(201);
    await users.http
      .post('/auth/login')
      .send({ login: input.username, password: input.password })
      .expect(200);
  });
});
