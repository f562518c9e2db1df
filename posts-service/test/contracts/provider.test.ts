import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { CONTRACT_FIXTURES, describeProvider, drainOutbox } from '@plaza/contracts';
import { toAuthorId } from '../../src/domain/author.ts';
import { toPostId, type PostContent } from '../../src/domain/post.ts';
import { toReservationOrderId } from '../../src/domain/reservation.ts';
import { stockEvents } from '../../src/events/stock.events.contract.ts';
import { bearer, bicycle, openDatabase, startPosts, type Posts } from '../fixture.ts';
import { startUsersStub, type UsersStub } from '../users-stub.ts';
import { openDomain, type Domain } from './domain.ts';

let users: UsersStub;
let posts: Posts;
let database: Awaited<ReturnType<typeof openDatabase>>;
let domain: Domain;

beforeAll(async () => {
  users = await startUsersStub();
  posts = await startPosts({
    usersUrl: users.url,
    environment: { SERVICE_SECRET: CONTRACT_FIXTURES.serviceSecret },
    dependencies: { now: CONTRACT_FIXTURES.now, newPostId: () => toPostId('lamp') },
  });
  await posts.started;
  database = await openDatabase(posts.config.MONGODB_URI);
  domain = await openDomain();
});
afterAll(async () => {
  await Promise.all([posts.stop(), database.close(), domain.close()]);
  await users.close();
});

async function forgetAll() {
  await database.posts.deleteMany({});
}

/** The post lamp, and no other. */
async function write(post: object) {
  await forgetAll();
  const token = await users.tokenFor('123');
  await posts.http.post('/posts').set(bearer(token)).send(post).expect(201);
}

const { offer: _offer, ...mere } = bicycle;

/** An order for two pieces of a post that has so many. */
async function ordered(stock: number) {
  const id = toReservationOrderId(randomUUID());
  const seller = { kind: 'user', userId: toAuthorId('seller'), admin: false } as const;
  const content: PostContent = { ...bicycle, status: 'published', offer: { ...bicycle.offer, stock } };
  const post = await domain.posts.create(seller, content);
  await domain.reservations.reserve(id, [{ postId: post.id, quantity: 2 }]);
  return id;
}

const told = () => drainOutbox(domain.reservationOutbox, stockEvents);

describeProvider('PostsService', () => ({
  url: posts.url,
  states: {
    'the post lamp is an offer': () => write(bicycle),
    'the post lamp is no offer': () => write(mere),
    'the post lamp is the draft of an offer': () => write({ ...bicycle, status: 'draft' }),
    'there is no post lamp': forgetAll,
  },
  events: {
    'stock.reserved': async () => {
      await ordered(2);
      return told();
    },
    'stock.rejected': async () => {
      await ordered(1);
      return told();
    },
    'stock.released': async () => {
      await domain.reservations.release(await ordered(2));
      return told();
    },
  },
}));
