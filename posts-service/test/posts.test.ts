import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { asService, bearer, bicycle, startPosts, type Posts } from './fixture.ts';
import { startUsersStub, type UsersStub } from './users-stub.ts';

let users: UsersStub;
let posts: Posts;
let ada: { Authorization: string };
let bob: { Authorization: string };
let admin: { Authorization: string };

beforeAll(async () => {
  users = await startUsersStub();
  for (const id of ['ada', 'bob', 'root']) {
    users.people.set(id, { username: id, name: `${id} the Great`, email: `${id}@example.com` });
  }
  posts = await startPosts({ usersUrl: users.url });
  await posts.started;
  ada = bearer(await users.tokenFor('ada'));
  bob = bearer(await users.tokenFor('bob'));
  admin = bearer(await users.tokenFor('root', 'user admin'));
}, 120_000);

afterAll(async () => {
  await posts.stop();
  await users.close();
});

const written = async (content: object = bicycle, headers = ada): Promise<string> => {
  const { body } = await posts.http.post('/posts').set(headers).send(content).expect(201);
  return body.id;
};

describe('POST /posts', () => {
  test('answers the post as its author wrote it, under both names of its id', async () => {
    const { body, headers } = await posts.http.post('/posts').set(ada).send(bicycle).expect(201);
    expect(body).toEqual({
      ...bicycle,
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      _id: body.id,
      status: 'published',
      authorId: 'ada',
      createdAt: expect.any(String),
      updatedAt: body.createdAt,
    });
    expect(headers['location']).toBe(`posts/${body.id}`);
  });

  test('takes tags as one, however they are written', async () => {
    const tagged = { ...bicycle, tags: [' Sport', 'sport', 'KIDS '] };
    const { body } = await posts.http.post('/posts').set(ada).send(tagged).expect(201);
    expect(body.tags).toEqual(['sport', 'kids']);
  });

  test('needs a signed-in user, and not a service', async () => {
    await posts.http.post('/posts').send(bicycle).expect(401);
    await posts.http
      .post('/posts')
      .set(await asService())
      .send(bicycle)
      .expect(403);
  });

  test.each([
    ['no title', { content: 'x' }, 'title'],
    ['an empty title', { ...bicycle, title: '  ' }, 'title'],
    ['a title with a control character', { ...bicycle, title: 'a\u0000b' }, 'title'],
    ['a title that is too long', { ...bicycle, title: 'x'.repeat(201) }, 'title'],
    ['content that is too long', { ...bicycle, content: 'x'.repeat(20_001) }, 'content'],
    ['too many tags', { ...bicycle, tags: Array.from({ length: 21 }, String) }, 'tags'],
    ['a status of its own', { ...bicycle, status: 'sold' }, 'status'],
    ['an author of its own', { ...bicycle, authorId: 'bob' }, 'authorId'],
    ['an offer without a price', { ...bicycle, offer: { stock: 1 } }, 'offer.price'],
    ['a price in fractions', priced({ amount: 12.5, currency: 'EUR' }), 'offer.price.amount'],
    ['a price of nothing', priced({ amount: 0, currency: 'EUR' }), 'offer.price.amount'],
    ['a price beyond all means', priced({ amount: 1e15, currency: 'EUR' }), 'offer.price.amount'],
    ['a currency that is none', priced({ amount: 1, currency: 'XQZ' }), 'offer.price.currency'],
    ['a currency in small letters', priced({ amount: 1, currency: 'eur' }), 'offer.price.currency'],
    ['less than no stock', { ...bicycle, offer: { ...bicycle.offer, stock: -1 } }, 'offer.stock'],
    ['half a piece', { ...bicycle, offer: { ...bicycle.offer, stock: 1.5 } }, 'offer.stock'],
  ])('refuses %s', async (_, content, path) => {
    const { body } = await posts.http.post('/posts').set(ada).send(content).expect(400);
    expect(body.code).toBe('validation_failed');
    expect(body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
  });
});

function priced(price: object) {
  return { ...bicycle, offer: { price, stock: 1 } };
}

describe('GET /posts/:id', () => {
  test('comes with the author', async () => {
    const { body } = await posts.http.get(`/posts/${await written()}`).expect(200);
    expect(body).toMatchObject({ ...bicycle, author: { id: 'ada', name: 'ada the Great' } });
    expect(body.partial).toBeUndefined();
  });

  test('shows the e-mail address to the author, administrators and services alone', async () => {
    const id = await written();
    for (const headers of [ada, admin, await asService()]) {
      const { body } = await posts.http.get(`/posts/${id}`).set(headers).expect(200);
      expect(body.author).toEqual({ id: 'ada', name: 'ada the Great', email: 'ada@example.com' });
    }
    for (const headers of [bob, {}]) {
      const { body } = await posts.http.get(`/posts/${id}`).set(headers).expect(200);
      expect(body.author).toEqual({ id: 'ada', name: 'ada the Great' });
    }
  });

  test('shows a draft to its author, administrators and services alone', async () => {
    const id = await written({ ...bicycle, status: 'draft' });
    for (const headers of [ada, admin, await asService()]) {
      await posts.http.get(`/posts/${id}`).set(headers).expect(200);
    }
    for (const headers of [bob, {}]) {
      const { body } = await posts.http.get(`/posts/${id}`).set(headers).expect(404);
      expect(body).toMatchObject({ code: 'post_not_found', error: 'Post not found' });
    }
  });

  test.each(['nothing', '6745c1f2a4b8d91e3c7f5a02', '%00', '$where'])('answers 404 to %s', async (id) => {
    await posts.http.get(`/posts/${id}`).expect(404);
  });
});

describe('PUT /posts/:id', () => {
  test('replaces all that the post says, and leaves out what is left out', async () => {
    const id = await written();
    const replacement = { title: 'Blue bicycle', content: 'Old.', status: 'draft' };
    const { body } = await posts.http.put(`/posts/${id}`).set(ada).send(replacement).expect(200);
    expect(body).toMatchObject({ ...replacement, id, tags: [], authorId: 'ada' });
    const { body: later } = await posts.http.get(`/posts/${id}`).set(ada).expect(200);
    expect(later).toMatchObject({ ...replacement, tags: [] });
    expect(later).not.toHaveProperty('offer');
  });

  test('does not publish or hide by omission', async () => {
    const id = await written();
    const { body } = await posts.http
      .put(`/posts/${id}`)
      .set(ada)
      .send({ title: 'x', content: 'y' })
      .expect(400);
    expect(body.errors).toMatchObject([{ path: 'status' }]);
  });
});

describe('PATCH /posts/:id', () => {
  test('changes what is named, and nothing else', async () => {
    const id = await written();
    await posts.http
      .patch(`/posts/${id}`)
      .set(ada)
      .send({ offer: { stock: 10 } })
      .expect(200);
    await posts.http.patch(`/posts/${id}`).set(ada).send({ title: 'Green bicycle' }).expect(200);
    const { body } = await posts.http.get(`/posts/${id}`).expect(200);
    expect(body).toMatchObject({
      title: 'Green bicycle',
      content: bicycle.content,
      tags: bicycle.tags,
      offer: { price: bicycle.offer.price, stock: 10 },
    });
  });

  test('withdraws an offer by null', async () => {
    const id = await written();
    const { body } = await posts.http.patch(`/posts/${id}`).set(ada).send({ offer: null }).expect(200);
    expect(body).not.toHaveProperty('offer');
  });

  test('says what an offer needs to begin with', async () => {
    const id = await written({ title: 'A story', content: 'Once.' });
    const { body } = await posts.http
      .patch(`/posts/${id}`)
      .set(ada)
      .send({ offer: { stock: 1 } })
      .expect(400);
    expect(body).toMatchObject({
      code: 'offer_incomplete',
      errors: [{ path: 'offer.price', message: 'is required' }],
    });
  });

  test.each([{}, { offer: {} }, { offer: 'cheap' }, { authorId: 'bob' }])('refuses %j', async (changes) => {
    const id = await written();
    await posts.http.patch(`/posts/${id}`).set(ada).send(changes).expect(400);
  });
});

describe('DELETE /posts/:id', () => {
  test('leaves nothing to be found', async () => {
    const id = await written();
    await posts.http.delete(`/posts/${id}`).set(ada).expect(204);
    await posts.http.get(`/posts/${id}`).set(ada).expect(404);
    await posts.http.delete(`/posts/${id}`).set(ada).expect(404);
    const { body } = await posts.http.get('/posts?author=ada&limit=100').set(ada).expect(200);
    expect(body.items.map((post: { id: string }) => post.id)).not.toContain(id);
  });
});

describe('changing a post', () => {
  const attempts = [
    ['put', { title: 'x', content: 'y', status: 'published' }],
    ['patch', { title: 'x' }],
    ['delete', undefined],
  ] as const;

  test.each(attempts)('%s is for the author and administrators', async (method, body) => {
    const id = await written();
    await posts.http[method](`/posts/${id}`).send(body).expect(401);
    const { body: refusal } = await posts.http[method](`/posts/${id}`).set(bob).send(body).expect(403);
    expect(refusal.code).toBe('not_your_post');
    await posts.http[method](`/posts/${id}`)
      .set(await asService())
      .send(body)
      .expect(403);
    const { status } = await posts.http[method](`/posts/${id}`).set(admin).send(body);
    expect([200, 204]).toContain(status);
  });

  test.each(attempts)('%s does not give away that there is a draft', async (method, body) => {
    const id = await written({ ...bicycle, status: 'draft' });
    await posts.http[method](`/posts/${id}`).set(bob).send(body).expect(404);
  });
});
