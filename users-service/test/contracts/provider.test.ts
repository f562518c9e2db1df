import { afterAll, beforeAll } from '@jest/globals';
import { testMongo } from '@plaza/local-stack/testing';
import { CONTRACT_FIXTURES, describeProvider, drainOutbox } from '@plaza/contracts';
import { createOutbox } from '@plaza/messaging';
import mongoose from 'mongoose';
import { newUserId, userModels } from '../../src/data/user.model.ts';
import { createUserRepository } from '../../src/data/user.repository.ts';
import { toUserId } from '../../src/domain/user.ts';
import { createUsersService } from '../../src/domain/users.service.ts';
import { userEvents } from '../../src/events/user.events.contract.ts';
import { createSignedInUser, newUserInput, openDatabase, startUsers } from '../fixture.ts';

let users: Awaited<ReturnType<typeof startUsers>>;
let database: Awaited<ReturnType<typeof openDatabase>>;
let domain: Awaited<ReturnType<typeof openDomain>>;

beforeAll(async () => {
  users = await startUsers({
    environment: { SERVICE_SECRET: CONTRACT_FIXTURES.serviceSecret },
    dependencies: { now: CONTRACT_FIXTURES.now, newUserId: () => toUserId('123') },
  });
  await users.started;
  database = await openDatabase(users.servers.MONGODB_URI);
  domain = await openDomain();
});
afterAll(() => Promise.all([users.stop(), database.close(), domain.close()]));

/** The domain on a database of its own, without HTTP and without a broker: what is told stays in the outbox. */
async function openDomain() {
  const now = () => new Date();
  const mongo = await mongoose
    .createConnection((await testMongo()).uri, { autoIndex: false, bufferCommands: false })
    .asPromise();
  const models = userModels(mongo);
  const outbox = createOutbox({ model: models.outboxed, now });
  const accounts = createUsersService({
    users: createUserRepository(models.users, outbox, now),
    passwords: { hash: async () => 'hash', verify: async () => false, isOutdated: () => false },
    endSessions: async () => undefined,
    newId: newUserId,
    now,
  });
  return { accounts, outbox, close: () => mongo.close() };
}

const told = () => drainOutbox(domain.outbox, userEvents);

async function forgetEverybody() {
  await database.users.deleteMany({});
}

describeProvider('UsersService', () => ({
  url: users.url,
  states: {
    'there is a user 123': async () => {
      await forgetEverybody();
      await users.http.post('/users').send(newUserInput()).expect(201);
    },
    'there is no user 123': forgetEverybody,
    'a login has ended': async () => {
      await forgetEverybody();
      const { headers } = await createSignedInUser(users.http);
      await users.http.post('/auth/logout').set(headers).expect(204);
    },
  },
  events: {
    'user.created': async () => {
      await domain.accounts.createUser(newUserInput());
      return told();
    },
    'user.updated': async () => {
      const { id } = await domain.accounts.createUser(newUserInput());
      await domain.accounts.updateUser(id, { name: 'Ada Lovelace' });
      return told();
    },
    'user.deleted': async () => {
      const { id } = await domain.accounts.createUser(newUserInput());
      await domain.accounts.deleteUser(id);
      return told();
    },
  },
}));
