import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { asService, bearer, bicycle, startPosts, type Posts } from './fixture.ts';
import { startUsersStub, type UsersStub } from './users-stub.ts';

interface Item {
  readonly id: string;
  readonly title: string;
  readonly status: string;
}

let users: UsersStub;
let posts: Posts;
const headers: Record<string, { Authorization: string }> = {};

beforeAll(async () => {
  users = await startUsersStub();
  posts = await startPosts({ usersUrl: users.url });
  await posts.started;
  for (const id of ['ada', 'bob', 'cyd']) headers[id] = bearer(await users.tokenFor(id));
  headers['root'] = bearer(await users.tokenFor('root', 'user admin'));
}, 120_000);

afterAll(async () => {
  await posts.stop();
  await users.close();
});

const write = async (author: string, content: object): Promise<string> => {
  const post = { content: '…', ...content };
  const { body } = await posts.http
    .post('/posts')
    .set(headers[author] ?? {})
    .send(post)
    .expect(201);
  return body.id;
};

const list = async (query: string, as = {}): Promise<{ items: Item[]; next: string | null }> => {
  const { body } = await posts.http.get(`/posts?${query}`).set(as).expect(200);
  return body;
};
const ids = ({ items }: { items: Item[] }) => items.map(({ id }) => id);
const titles = ({ items }: { items: Item[] }) => items.map(({ title }) => title);

/** All pages of a list, joined. */
async function walk(query: string): Promise<{ items: Item[]; pages: number }> {
  const items: Item[] = [];
  for (let pages = 1, cursor = ''; ; pages += 1) {
    const page = await list(`${query}${cursor}`);
    items.push(...page.items);
    if (page.next === null) return { items, pages };
    cursor = `&cursor=${page.next}`;
  }
}

describe('GET /posts', () => {
  test('pages through all posts, each once, the newest first', async () => {
    const written: string[] = [];
    for (let n = 0; n < 5; n += 1)
      written.push(await write('ada', { title: `Number ${n}`, tags: ['paged'] }));
    const walked = await walk('tag=paged&limit=2');
    expect(ids(walked)).toEqual(written.toReversed());
    expect(walked.pages).toBe(3);
  });

  test('ends with no cursor where the last page is full', async () => {
    await write('ada', { title: 'One', tags: ['full'] });
    await write('ada', { title: 'Two', tags: ['full'] });
    const page = await list('tag=full&limit=2');
    expect(titles(page)).toEqual(['Two', 'One']);
    expect(page.next).toBeNull();
  });

  test('finds the posts of an author', async () => {
    const mine = await write('bob', { title: 'Mine' });
    await write('ada', { title: 'Not mine' });
    expect(ids(await list('author=bob'))).toEqual([mine]);
  });

  test('finds tags as people write them', async () => {
    const tagged = await write('ada', { title: 'Tagged', tags: ['Garden Tools'] });
    expect(ids(await list('tag=garden%20TOOLS'))).toEqual([tagged]);
  });

  test('shows drafts to their author, administrators and services alone', async () => {
    const draft = await write('cyd', { title: 'Secret', status: 'draft' });
    const open = await write('cyd', { title: 'Open' });
    for (const as of [{}, headers['ada']]) expect(ids(await list('author=cyd', as))).toEqual([open]);
    for (const as of [headers['cyd'], headers['root'], await asService()]) {
      expect(ids(await list('author=cyd', as))).toEqual([open, draft]);
      expect(ids(await list('author=cyd&status=draft', as))).toEqual([draft]);
    }
  });

  test.each([
    ['limit=0', 'query.limit'],
    ['limit=101', 'query.limit'],
    ['limit=many', 'query.limit'],
    ['cursor=nonsense', 'query.cursor'],
    ['cursor=eyJ4IjoxfQ', 'query.cursor'],
    ['q=%20', 'query.q'],
    ['status=sold', 'query.status'],
    ['color=red', 'query.color'],
    ['tag=a&tag=b', 'query.tag'],
  ])('refuses ?%s', async (query, path) => {
    const { body } = await posts.http.get(`/posts?${query}`).expect(400);
    expect(body.errors).toMatchObject([{ path }]);
  });
});

describe('GET /posts?q=', () => {
  beforeAll(async () => {
    await write('ada', { title: 'A lamp', content: 'Its shade is turquoise.', tags: ['light'] });
    await write('ada', { title: 'Turquoise vases', content: 'Three of them.', tags: ['home'] });
    await write('ada', { title: 'A chair', content: 'Plain wood.', tags: ['turquoise'] });
    await write('ada', { title: 'Turquoise secret', content: 'Not yet.', status: 'draft' });
    await write('bob', { title: 'A table', content: 'Plain wood.' });
  });

  test('finds words in title, tags and content, the best match first', async () => {
    expect(titles(await list('q=turquoise'))).toEqual(['Turquoise vases', 'A chair', 'A lamp']);
  });

  test('finds any of several words, in any form and case', async () => {
    const found = titles(await list('q=VASE%20woods'));
    expect(new Set(found)).toEqual(new Set(['Turquoise vases', 'A chair', 'A table']));
  });

  test('goes with the other questions', async () => {
    expect(titles(await list('q=wood&author=bob'))).toEqual(['A table']);
    expect(titles(await list('q=turquoise&tag=home'))).toEqual(['Turquoise vases']);
  });

  test('pages through the matches, each once, in the same order', async () => {
    const walked = await walk('q=turquoise&limit=1');
    expect(titles(walked)).toEqual(['Turquoise vases', 'A chair', 'A lamp']);
    expect(walked.pages).toBe(3);
  });

  test('takes signs for signs', async () => {
    expect(titles(await list('q=-turquoise&author=ada&tag=home'))).toEqual(['Turquoise vases']);
    expect(titles(await list(`q=${encodeURIComponent('"turquoise" "$where" {}')}&tag=home`))).toEqual([
      'Turquoise vases',
    ]);
    expect(titles(await list('q=%22'))).toEqual([]);
  });

  test('does not take the cursor of a list in another order', async () => {
    const { next } = await list('limit=1');
    await posts.http.get(`/posts?q=turquoise&cursor=${next}`).expect(400);
  });
});

describe('the authors in a list', () => {
  test('come from the local copies, without a call to the users service', async () => {
    users.people.set('dan', { username: 'dan', name: 'Dan', email: 'dan@example.com' });
    headers['dan'] = bearer(await users.tokenFor('dan'));
    const id = await write('dan', bicycle);
    const { body: before } = await posts.http.get('/posts?author=dan').expect(200);
    expect(before.items).toMatchObject([{ author: { id: 'dan' }, partial: true }]);
    expect(users.requests.filter(({ path }) => path === '/users/dan')).toEqual([]);

    await posts.http.get(`/posts/${id}`).expect(200);
    const { body: after } = await posts.http.get('/posts?author=dan').expect(200);
    expect(after.items[0].author).toEqual({ id: 'dan', name: 'Dan' });
    expect(after.items[0]).not.toHaveProperty('partial');
  });
});
