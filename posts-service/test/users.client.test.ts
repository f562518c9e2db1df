import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestServiceClient } from '@plaza/service-client/testing';
import { withContext } from '@plaza/service-kit';
import { createUsersClient } from '../src/clients/users.client.ts';
import { startUsersStub, type UsersStub } from './users-stub.ts';

let users: UsersStub;
const ada = { username: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' };

beforeAll(async () => {
  users = await startUsersStub();
});
beforeEach(() => {
  users.setBehaviour('well');
  users.people.clear();
  users.people.set('1', ada);
  users.requests.length = 0;
});
afterAll(() => users.close());

function client({ urls = [users.url], timeoutMs = 5_000 } = {}) {
  const service = createTestServiceClient('users-service', urls, { timeoutMs });
  return { breaker: service.breaker, ...createUsersClient(service) };
}

describe('getUserById', () => {
  test('answers the user', async () => {
    expect(await client().getUserById('1')).toEqual({ id: '1', ...ada });
  });

  test('says "User not found" where there is none, which is no failure of the service', async () => {
    const { getUserById, breaker } = client();
    for (let n = 0; n < 10; n += 1) {
      await expect(getUserById('nobody')).rejects.toMatchObject({
        code: 'user_not_found',
        message: 'User not found',
      });
    }
    expect(breaker.state).toBe('CLOSED');
  });

  test('asks for ids as they are', async () => {
    users.people.set('../admin?x=1', ada);
    expect(await client().getUserById('../admin?x=1')).toMatchObject({ name: ada.name });
    expect(users.requests.map(({ path }) => path)).toEqual(['/users/..%2Fadmin%3Fx%3D1']);
  });

  test('calls as the service, also for a signed-in user, and forwards the request id', async () => {
    const context = { requestId: 'request-1', authorization: 'Bearer theirs' };
    await withContext(context, () => client().getUserById('1'));
    expect(users.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer the-service-token',
      'x-request-id': 'request-1',
    });
  });
});

describe('createUser, updateUser and deleteUser', () => {
  const signedIn = <T>(work: () => Promise<T>) =>
    withContext({ requestId: 'request-1', authorization: 'Bearer theirs' }, work);

  test('send the change with the token of the signed-in user', async () => {
    const { createUser, updateUser, deleteUser } = client();
    const newcomer = { username: 'new', email: 'new@example.com', password: 'a long password' };
    expect(await signedIn(() => createUser(newcomer))).toMatchObject({ id: 'new' });
    expect(await signedIn(() => updateUser('1', { name: 'Ada' }))).toMatchObject({ id: '1' });
    await signedIn(() => deleteUser('1'));
    expect(users.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /users',
      'PATCH /users/1',
      'DELETE /users/1',
    ]);
    expect(users.requests.map(({ body }) => (body === '' ? null : JSON.parse(body)))).toEqual([
      newcomer,
      { name: 'Ada' },
      null,
    ]);
    expect(users.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array.from({ length: 3 }, () => 'Bearer theirs'),
    );
  });

  test('are sent as the service without a signed-in user', async () => {
    await client().deleteUser('1');
    expect(users.requests[0]?.headers.authorization).toBe('Bearer the-service-token');
  });

  test('say "User not found" where there is none', async () => {
    await expect(client().updateUser('2', { name: 'x' })).rejects.toThrow('User not found');
    await expect(client().deleteUser('2')).rejects.toThrow('User not found');
  });

  test('pass on why the service refuses, which is no failure of it', async () => {
    users.setBehaviour('refusing');
    const { createUser, breaker } = client();
    const newcomer = { username: 'ada', email: 'ada@example.com', password: 'a long password' };
    for (let n = 0; n < 10; n += 1) {
      await expect(createUser(newcomer)).rejects.toMatchObject({
        code: 'users_service_refused',
        message: '409: A user of this username exists already.',
      });
    }
    expect(breaker.state).toBe('CLOSED');
  });
});

describe('a users service that does not work', () => {
  test.each(['broken', 'garbled'] as const)('is unavailable where it is %s', async (behaviour) => {
    users.setBehaviour(behaviour);
    await expect(client().getUserById('1')).rejects.toMatchObject({ code: 'users_service_unavailable' });
  });

  test.each(['silent', 'endless'] as const)('is given up in time where it is %s', async (behaviour) => {
    users.setBehaviour(behaviour);
    await expect(client({ timeoutMs: 150 }).getUserById('1')).rejects.toMatchObject({
      code: 'users_service_unavailable',
      message: 'The users service cannot be asked: users-service did not answer within 150 ms.',
    });
  });

  test('is unavailable without a listener, and without a known address', async () => {
    for (const urls of [['http://127.0.0.1:1'], []]) {
      await expect(client({ urls }).getUserById('1')).rejects.toMatchObject({
        code: 'users_service_unavailable',
      });
    }
  });

  test('costs nothing where an instance is gone and another is there', async () => {
    const { getUserById, deleteUser } = client({ urls: ['http://127.0.0.1:1', users.url] });
    expect(await getUserById('1')).toMatchObject({ id: '1' });
    await deleteUser('1');
    expect(users.requests.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
  });

  test('is left alone after five failures in a row, and the time to come back is told', async () => {
    users.setBehaviour('broken');
    const { getUserById } = client();
    for (let n = 0; n < 5; n += 1) await expect(getUserById('1')).rejects.toThrow('answers 500');
    await expect(getUserById('1')).rejects.toMatchObject({
      code: 'users_service_unavailable',
      details: { retryAfter: 10 },
    });
    expect(users.requests).toHaveLength(5);
  });
});
