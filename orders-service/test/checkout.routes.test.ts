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
  stubServices.respondTo('essay', offerResponse('essay', 100, { offer: undefined }));
});
afterAll(async () => {
  await orders.stop();
  await stubServices.close();
});
beforeEach(() => stubServices.respondToAll());

const place = (by: { headers: object }, body: object = { items: [{ postId: 'lamp', quantity: 2 }] }) =>
  orders.http
    .post('/orders')
    .set({ ...by.headers })
    .send(body);

describe('POST /orders', () => {
  test('answers 202 with the order at current titles and prices', async () => {
    const ada = await createTestUser(stubServices);
    const response = await place(ada, {
      items: [
        { postId: 'lamp', quantity: 2 },
        { postId: 'book', quantity: 1 },
      ],
    });
    expect(response.status).toBe(202);
    expect(response.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      _id: response.body.id,
      userId: ada.id,
      buyer: { id: ada.id, name: ada.id },
      items: [
        { postId: 'lamp', title: 'Title of lamp', unitPrice: { amount: 1250, currency: 'EUR' }, quantity: 2 },
        { postId: 'book', title: 'Title of book', unitPrice: { amount: 499, currency: 'EUR' }, quantity: 1 },
      ],
      total: { amount: 2999, currency: 'EUR' },
      status: 'pending',
      timeline: [{ at: response.body.createdAt, status: 'pending', event: 'order.created' }],
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: response.body.createdAt,
    });
    expect(response.headers['location']).toBe(`orders/${response.body.id}`);
  });

  test('adds up lines of the same post', async () => {
    const { body } = await place(await createTestUser(stubServices), {
      items: [
        { postId: 'lamp', quantity: 2 },
        { postId: 'book', quantity: 1 },
        { postId: 'lamp', quantity: 3 },
      ],
    });
    expect(
      body.items.map(({ postId, quantity }: { postId: string; quantity: number }) => [postId, quantity]),
    ).toEqual([
      ['lamp', 5],
      ['book', 1],
    ]);
  });

  test.each([
    ['no items', { items: [] }, 400, 'validation_failed', 'items'],
    ['no quantity', { items: [{ postId: 'lamp' }] }, 400, 'validation_failed', 'items.0.quantity'],
    [
      'a quantity of 0',
      { items: [{ postId: 'lamp', quantity: 0 }] },
      400,
      'validation_failed',
      'items.0.quantity',
    ],
    [
      'half a piece',
      { items: [{ postId: 'lamp', quantity: 0.5 }] },
      400,
      'validation_failed',
      'items.0.quantity',
    ],
    [
      '1001 pieces',
      { items: [{ postId: 'lamp', quantity: 1001 }] },
      400,
      'validation_failed',
      'items.0.quantity',
    ],
    [
      '1001 pieces in two lines',
      {
        items: [
          { postId: 'lamp', quantity: 1000 },
          { postId: 'lamp', quantity: 1 },
        ],
      },
      400,
      'quantity_too_large',
      'items',
    ],
    [
      '51 lines',
      { items: Array.from({ length: 51 }, (_, n) => ({ postId: `p${n}`, quantity: 1 })) },
      400,
      'validation_failed',
      'items',
    ],
    [
      'a price of its own',
      { items: [{ postId: 'lamp', quantity: 1, unitPrice: 1 }] },
      400,
      'validation_failed',
      'items.0.unitPrice',
    ],
    [
      'a post that is none',
      {
        items: [
          { postId: 'lamp', quantity: 1 },
          { postId: 'gone', quantity: 1 },
        ],
      },
      422,
      'unknown_post',
      'items.1.postId',
    ],
    [
      'a path for a post',
      { items: [{ postId: '../users/1', quantity: 1 }] },
      422,
      'unknown_post',
      'items.0.postId',
    ],
    ['a draft', { items: [{ postId: 'draft', quantity: 1 }] }, 422, 'not_for_sale', 'items.0.postId'],
    [
      'a post without a price',
      { items: [{ postId: 'essay', quantity: 1 }] },
      422,
      'not_for_sale',
      'items.0.postId',
    ],
    [
      'an unknown token',
      { items: [{ postId: 'lamp', quantity: 1 }], payment: { token: 'tok_stolen' } },
      422,
      'unknown_payment_token',
      'payment.token',
    ],
  ])('refuses %s, and says where', async (_, body, status, code, path) => {
    const response = await place(await createTestUser(stubServices), body);
    expect([response.status, response.body.code]).toEqual([status, code]);
    expect(response.body.errors.map((error: { path: string }) => error.path)).toContain(path);
    expect(response.body.message).toBeTruthy();
  });

  test('refuses several currencies in one order', async () => {
    const response = await place(await createTestUser(stubServices), {
      items: [
        { postId: 'lamp', quantity: 1 },
        { postId: 'dollar', quantity: 1 },
      ],
    });
    expect([response.status, response.body.code]).toEqual([422, 'mixed_currencies']);
    expect(response.body.message).toContain('EUR and USD');
  });

  test('refuses to sell buyers their own posts', async () => {
    const seller = { headers: { Authorization: `Bearer ${await stubServices.accessToken('seller')}` } };
    const response = await place(seller);
    expect([response.status, response.body.code]).toEqual([422, 'own_offer']);
  });

  test('needs a signed-in user', async () => {
    expect((await place({ headers: {} })).status).toBe(401);
    expect((await place({ headers: { Authorization: 'Bearer x.y.z' } })).status).toBe(401);
  });
});
