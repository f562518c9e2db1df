import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestUser, startOrders, type Orders } from './fixture.ts';
import { offerResponse, startStubServices, type StubServices } from './stub-services.ts';

let stubServices: StubServices;
let orders: Orders;

beforeAll(async () => {
  stubServices = await startStubServices();
  orders = await startOrders({ stubServices });
  stubServices.respondTo('lamp', offerResponse('lamp', 1250));
  stubServices.respondTo('book', offerResponse('book', 499));
  stubServices.respondTo(
    'dollar',
    offerResponse('dollar', 100, { offer: { price: { amount: 100, currency: 'USD' } } }),
  );
  stubServices.respondTo('draft', offerResponse('draft', 100, { status: 'draft' }));
});
afterAll(async () => {
  await orders.stop();
  await stubServices.close();
});
beforeEach(() => stubServices.respondToAll());

type Person = Awaited<ReturnType<typeof createTestUser>>;

const cart = ({ headers }: Person) => orders.http.get('/cart').set(headers);
const put = ({ headers }: Person, postId: string, quantity: unknown) =>
  orders.http.put(`/cart/items/${postId}`).set(headers).send({ quantity });
const takeOut = ({ headers }: Person, postId: string) =>
  orders.http.delete(`/cart/items/${postId}`).set(headers);
const checkout = ({ headers }: Person, more: Record<string, string> = {}) =>
  orders.http.post('/checkout').set({ ...headers, ...more });

const lamps = (quantity: number) => ({
  postId: 'lamp',
  title: 'Title of lamp',
  unitPrice: { amount: 1250, currency: 'EUR' },
  quantity,
});

describe('a cart', () => {
  test('is empty at first', async () => {
    expect((await cart(await createTestUser(stubServices)).expect(200)).body).toEqual({
      items: [],
      total: null,
    });
  });

  test('has what was put in, with the quantity that was said last', async () => {
    const ada = await createTestUser(stubServices);
    await put(ada, 'lamp', 5).expect(200);
    await put(ada, 'book', 2).expect(200);
    const response = await put(ada, 'lamp', 1).expect(200);
    expect(response.body).toMatchObject({
      items: [lamps(1), { postId: 'book', quantity: 2 }],
      total: { amount: 2248, currency: 'EUR' },
    });
    expect((await cart(ada)).body).toEqual(response.body);
  });

  test('loses what is taken out, and does not mind being asked twice', async () => {
    const ada = await createTestUser(stubServices);
    await put(ada, 'lamp', 1);
    await put(ada, 'book', 1);
    await takeOut(ada, 'book').expect(200);
    expect((await takeOut(ada, 'book').expect(200)).body.items).toEqual([lamps(1)]);
  });

  test('belongs to one person', async () => {
    const [ada, bob] = [await createTestUser(stubServices), await createTestUser(stubServices)];
    await put(ada, 'lamp', 1);
    expect((await cart(bob)).body.items).toEqual([]);
  });

  test.each([
    ['0 pieces', 'lamp', 0, 400, 'validation_failed'],
    ['1001 pieces', 'lamp', 1001, 400, 'validation_failed'],
    ['a word of pieces', 'lamp', 'two', 400, 'validation_failed'],
    ['a post that is none', 'gone', 1, 422, 'unknown_post'],
    ['a draft', 'draft', 1, 422, 'not_for_sale'],
  ])('refuses %s', async (_, postId, quantity, status, code) => {
    const response = await put(await createTestUser(stubServices), postId, quantity);
    expect([response.status, response.body.code]).toEqual([status, code]);
  });

  test('has one currency', async () => {
    const ada = await createTestUser(stubServices);
    await put(ada, 'lamp', 1);
    expect((await put(ada, 'dollar', 1)).body.code).toBe('mixed_currencies');
    expect((await cart(ada)).body.items).toEqual([lamps(1)]);
  });

  test('takes 50 posts', async () => {
    const ada = await createTestUser(stubServices);
    stubServices.respondToAll(offerResponse('any', 1));
    for (let n = 0; n < 50; n += 1) await put(ada, `post${n}`, 1).expect(200);
    expect((await put(ada, 'one-more', 1)).body.code).toBe('cart_full');
    await put(ada, 'post7', 2).expect(200);
  });

  test('keeps all that is put in at once', async () => {
    const ada = await createTestUser(stubServices);
    stubServices.respondToAll(offerResponse('any', 1));
    await Promise.all(Array.from({ length: 8 }, (_, n) => put(ada, `post${n}`, 1).expect(200)));
    expect((await cart(ada)).body.items).toHaveLength(8);
  });

  test('shows what a thing costs now', async () => {
    const ada = await createTestUser(stubServices);
    stubServices.respondTo('bread', offerResponse('bread', 300));
    await put(ada, 'bread', 2);
    stubServices.respondTo('bread', offerResponse('bread', 350, { title: 'Better bread' }));
    expect((await cart(ada)).body).toMatchObject({
      items: [{ title: 'Better bread', unitPrice: { amount: 350 } }],
      total: { amount: 700 },
    });
  });

  test('shows what cannot be had any more, and does not count it', async () => {
    const ada = await createTestUser(stubServices);
    stubServices.respondTo('milk', offerResponse('milk', 100));
    await put(ada, 'milk', 2);
    await put(ada, 'lamp', 1);
    stubServices.respondTo('milk', offerResponse('milk', 100, { status: 'draft' }));
    expect((await cart(ada)).body).toEqual({
      items: [
        expect.objectContaining({ postId: 'milk', title: 'Title of milk', available: false }),
        lamps(1),
      ],
      total: { amount: 1250, currency: 'EUR' },
    });
    expect((await checkout(ada)).body.code).toBe('not_for_sale');
  });

  test('is shown as it was where the posts service is away', async () => {
    const ada = await createTestUser(stubServices);
    await put(ada, 'lamp', 2);
    stubServices.respondToAll({ status: 500, body: {} });
    expect((await cart(ada).expect(200)).body).toEqual({
      items: [lamps(2)],
      total: { amount: 2500, currency: 'EUR' },
      partial: true,
    });
    expect((await takeOut(ada, 'lamp').expect(200)).body).toEqual({ items: [], total: null });
  });
});

describe('POST /checkout', () => {
  test('orders what is in the cart, and empties it', async () => {
    const ada = await createTestUser(stubServices);
    await put(ada, 'lamp', 2);
    const response = await checkout(ada);
    expect(response.status).toBe(202);
    expect(response.body).toMatchObject({ items: [lamps(2)], total: { amount: 2500 }, status: 'pending' });
    expect((await cart(ada)).body.items).toEqual([]);
    await orders.http.get(`/orders/${response.body.id}`).set(ada.headers).expect(200);
  });

  test('refuses an empty cart', async () => {
    const response = await checkout(await createTestUser(stubServices));
    expect([response.status, response.body.code]).toEqual([422, 'cart_empty']);
  });

  test('orders a cart once, however often and however fast one clicks', async () => {
    const ada = await createTestUser(stubServices);
    await put(ada, 'lamp', 2);
    const answers = await Promise.all(Array.from({ length: 6 }, () => checkout(ada)));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(new Set(accepted.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status !== 202).map(({ body }) => body.code)).toEqual(
      answers.filter(({ status }) => status !== 202).map(() => 'cart_empty'),
    );
    expect((await orders.http.get('/orders').set(ada.headers)).body.items).toHaveLength(1);
  });

  test('answers a repeat under the same key as before, with the cart long empty', async () => {
    const ada = await createTestUser(stubServices);
    await put(ada, 'lamp', 2);
    const first = await checkout(ada, { 'Idempotency-Key': 'k1' });
    const second = await checkout(ada, { 'Idempotency-Key': 'k1' });
    expect([second.status, second.body]).toEqual([202, first.body]);
    await put(ada, 'book', 1);
    expect((await checkout(ada, { 'Idempotency-Key': 'k1' })).body).toEqual(first.body);
    expect((await cart(ada)).body.items).toHaveLength(1);
  });

  test('takes the key of another kind of request for a mistake', async () => {
    const ada = await createTestUser(stubServices);
    await put(ada, 'lamp', 2);
    await checkout(ada, { 'Idempotency-Key': 'k1' }).expect(202);
    const response = await orders.http
      .post('/orders')
      .set({ ...ada.headers, 'Idempotency-Key': 'k1' })
      .send({ items: [{ postId: 'lamp', quantity: 2 }] });
    expect([response.status, response.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('leaves the cart alone where the posts service is away', async () => {
    const ada = await createTestUser(stubServices);
    await put(ada, 'lamp', 2);
    stubServices.respondToAll({ status: 500, body: {} });
    const response = await checkout(ada);
    expect([response.status, response.body.code]).toEqual([503, 'catalogue_unavailable']);
    expect(response.get('X-Unavailable-Service')).toBe('posts-service');
    stubServices.respondToAll();
    expect((await cart(ada)).body.items).toHaveLength(1);
  });
});
