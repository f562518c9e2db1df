import { afterEach, describe, expect, test } from '@jest/globals';
import { login, register, startUsers } from './fixture.ts';

const ADMIN = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'the password of the admin' };

const running: Awaited<ReturnType<typeof startUsers>>[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((users) => users.stop()));
});

async function start(environment: Record<string, string> = {}) {
  const users = await startUsers({ environment });
  running.push(users);
  return users;
}

async function ready(environment: Record<string, string> = {}) {
  const users = await start(environment);
  await users.started;
  return users;
}

const listAccounts = async (users: Awaited<ReturnType<typeof start>>) => {
  const { headers } = await login(users.http, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
  const { body } = await users.http.get('/users').set(headers).expect(200);
  return body.items;
};

describe('the first administrator', () => {
  test('comes from the environment', async () => {
    const users = await ready(ADMIN);
    expect(await listAccounts(users)).toMatchObject([{ username: 'admin', email: ADMIN.ADMIN_EMAIL }]);
  });

  test('is made once, by replicas that start at once', async () => {
    const first = await ready();
    const replicas = await Promise.all([1, 2, 3].map(() => start({ ...first.servers, ...ADMIN })));
    await Promise.all(replicas.map(({ started }) => started));
    expect(await listAccounts(first)).toHaveLength(1);
  });

  test('keeps the password that they have at the next start', async () => {
    const first = await ready(ADMIN);
    await ready({ ...first.servers, ...ADMIN, ADMIN_PASSWORD: 'some other password' });
    expect(await listAccounts(first)).toHaveLength(1);
  });

  test('takes another username if "admin" is taken', async () => {
    const first = await ready();
    await register(first.http, { username: 'admin', email: 'a@example.com', password: 'of another user' });
    await ready({ ...first.servers, ...ADMIN });
    const [, admin] = await listAccounts(first);
    expect(admin).toMatchObject({ username: expect.stringMatching(/^admin-/), email: ADMIN.ADMIN_EMAIL });
  });

  test('may have registered before, with the same password', async () => {
    const first = await ready();
    const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = ADMIN;
    await register(first.http, { username: 'ada', email, password });
    await ready({ ...first.servers, ...ADMIN });
    expect(await listAccounts(first)).toMatchObject([{ username: 'ada' }]);
  });

  test('is not the user who registered that e-mail address with another password', async () => {
    const first = await ready();
    const mallory = { username: 'mallory', email: ADMIN.ADMIN_EMAIL, password: 'a guess of mallory' };
    await register(first.http, mallory);
    const { lines } = await ready({ ...first.servers, ...ADMIN });
    const { headers } = await login(first.http, 'mallory', mallory.password);
    await first.http.get('/users').set(headers).expect(403);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('ADMIN_EMAIL') }),
    );
  });
});
