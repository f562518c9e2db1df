import { describe, expect, test } from '@jest/globals';
import type { Actor } from '../src/domain/actor.ts';
import { redactFor, toAuthorId } from '../src/domain/author.ts';
import {
  updatePost,
  markPostDeleted,
  canUpdate,
  canRead,
  toPostId,
  replacePost,
  createPost,
  type Post,
} from '../src/domain/post.ts';
import { OfferIncomplete } from '../src/domain/post.errors.ts';

const then = new Date('2026-01-01T00:00:00Z');
const now = new Date('2026-02-02T00:00:00Z');
const offer = { price: { amount: 1250, currency: 'EUR' }, stock: 3 };
const said = {
  title: 'A lamp',
  content: 'Bright.',
  tags: ['light', 'home'],
  status: 'published' as const,
  offer,
};
const { state: lamp } = createPost({ ...said, id: toPostId('1'), authorId: toAuthorId('ada') }, then);

const anonymous: Actor = { kind: 'anonymous' };
const ada: Actor = { kind: 'user', userId: toAuthorId('ada'), admin: false };
const bob: Actor = { kind: 'user', userId: toAuthorId('bob'), admin: false };
const root: Actor = { kind: 'user', userId: toAuthorId('root'), admin: true };
const service: Actor = { kind: 'service' };

describe('rewriting a post', () => {
  test('keeps whose it is and since when', () => {
    const content = { ...said, title: 'A lantern' };
    expect(replacePost(lamp, content, now).state).toEqual({ ...lamp, title: 'A lantern', updatedAt: now });
  });

  test('to the same values changes nothing and has no event', () => {
    const change = replacePost(lamp, { ...said, tags: [...said.tags], offer: { ...offer } }, now);
    expect(change.state).toBe(lamp);
    expect(change.events).toEqual([]);
  });

  test.each<[string, Partial<Post>]>([
    ['title', { title: 'x' }],
    ['content', { content: 'x' }],
    ['tags', { tags: ['light'] }],
    ['the order of tags', { tags: ['home', 'light'] }],
    ['status', { status: 'draft' }],
    ['stock', { offer: { ...offer, stock: 4 } }],
    ['amount', { offer: { ...offer, price: { ...offer.price, amount: 1 } } }],
    ['currency', { offer: { ...offer, price: { ...offer.price, currency: 'USD' } } }],
    ['offer', { offer: undefined }],
  ])('with another %s is told', (_, content) => {
    const change = replacePost(lamp, { ...said, ...content }, now);
    expect(change.events.map(({ eventType }) => eventType)).toEqual(['post.updated']);
    expect(change.state).toMatchObject({ ...content, updatedAt: now });
  });
});

describe('amending an offer', () => {
  test('leaves alone what is not named', () => {
    expect(updatePost(lamp, { offer: { stock: 9 } }, now).state.offer).toEqual({ ...offer, stock: 9 });
    const price = { amount: 1, currency: 'USD' };
    expect(updatePost(lamp, { offer: { price } }, now).state.offer).toEqual({ price, stock: 3 });
    expect(updatePost(lamp, { title: 'x' }, now).state.offer).toEqual(offer);
  });

  test('ends it with null', () => {
    expect(updatePost(lamp, { offer: null }, now).state.offer).toBeUndefined();
  });

  test('cannot begin one with half of it', () => {
    const story = updatePost(lamp, { offer: null }, now).state;
    expect(() => updatePost(story, { offer: { stock: 1 } }, now)).toThrow(OfferIncomplete);
    expect(() => updatePost(story, { offer: { price: offer.price } }, now)).toThrow(OfferIncomplete);
    expect(updatePost(story, { offer }, now).state.offer).toEqual(offer);
  });
});

test('what is told of a post is not its text', () => {
  const summary = {
    postId: '1',
    authorId: 'ada',
    title: 'A lamp',
    status: 'published',
    tags: said.tags,
    offer,
  };
  expect(createPost({ ...said, id: toPostId('1'), authorId: toAuthorId('ada') }, now).events).toEqual([
    { eventType: 'post.created', data: summary },
  ]);
  expect(markPostDeleted(lamp).events).toEqual([
    { eventType: 'post.deleted', data: { postId: '1', authorId: 'ada' } },
  ]);
});

describe('who may', () => {
  const draft: Post = { ...lamp, status: 'draft' };
  test.each([
    ['an anonymous caller', anonymous, { read: true, readDraft: false, change: false, email: false }],
    ['the author', ada, { read: true, readDraft: true, change: true, email: true }],
    ['another', bob, { read: true, readDraft: false, change: false, email: false }],
    ['an administrator', root, { read: true, readDraft: true, change: true, email: true }],
    ['a service', service, { read: true, readDraft: true, change: false, email: true }],
  ])('%s', (_, actor, may) => {
    const author = { id: toAuthorId('ada'), name: 'Ada', email: 'ada@example.com' };
    expect({
      read: canRead(actor, lamp),
      readDraft: canRead(actor, draft),
      change: canUpdate(actor, lamp),
      email: 'email' in redactFor(author, actor),
    }).toEqual(may);
  });
});
