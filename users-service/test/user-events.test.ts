import { eventually } from '@plaza/local-stack/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { envelopeSchema, type Envelope } from '@plaza/messaging';
import amqp from 'amqplib';
import { userEvents } from '../src/events/user.events.contract.ts';
import { createSignedInUser, newUserInput, openDatabase, PASSWORD, startUsers } from './fixture.ts';

let users: Awaited<ReturnType<typeof startUsers>>;
let database: Awaited<ReturnType<typeof openDatabase>>;
let listener: Awaited<ReturnType<typeof amqp.connect>>;
const seen: Envelope[] = [];

beforeAll(async () => {
  users = await startUsers();
  await users.started;
  database = await openDatabase(users.servers.MONGODB_URI);
  listener = await amqp.connect(users.servers.RABBITMQ_URL);
  const channel = await listener.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, userEvents.exchange, '#');
  await channel.consume(queue, (message) => {
    if (message !== null) seen.push(envelopeSchema.parse(JSON.parse(message.content.toString())));
  });
});
afterAll(() => Promise.all([users.stop(), database.close(), listener.close()]));

/** What was published about a user, once it is as much. */
const published = (id: string, count: number) =>
  eventually(() => {
    const events = seen.filter(({ aggregateId }) => aggregateId === id);
    if (events.length < count) throw new Error(`${events.length} of ${count} events`);
    return events;
  });

describe('what happens to a user', () => {
  test('is published in order, in the shape that others were promised', async () => {
    const user = await createSignedInUser(users.http);
    await users.http.patch(`/users/${user.id}`).set(user.headers).send({ name: 'Ada Lovelace' }).expect(200);
    await users.http.delete(`/users/${user.id}`).set(user.headers).expect(204);
    const events = await published(user.id, 3);
    expect(events.map(({ eventType }) => eventType)).toEqual([
      'user.created',
      'user.updated',
      'user.deleted',
    ]);
    for (const { eventType, data } of events) {
      const schema = Object.entries(userEvents.events).find(([type]) => type === eventType)?.[1].data;
      expect(schema?.safeParse(data)).toMatchObject({ success: true });
    }
  });

  test('carries the id of the request that caused it', async () => {
    const { body } = await users.http
      .post('/users')
      .set('X-Request-Id', 'the-very-beginning')
      .send({ ...newUserInput(), password: PASSWORD })
      .expect(201);
    expect(await published(body.id, 1)).toMatchObject([
      { correlationId: 'the-very-beginning', source: 'users-service', data: { userId: body.id } },
    ]);
  });

  test('leaves nothing of a deleted user once the news is out', async () => {
    const user = await createSignedInUser(users.http);
    await users.http.delete(`/users/${user.id}`).set(user.headers).expect(204);
    await published(user.id, 2);
    await eventually(async () => expect(await database.users.findOne({ _id: user.id })).toBeNull());
  });
});
