import { Forbidden } from '@plaza/errors';
import { route, type Route } from '@plaza/service-kit';
import { AccountDeleted } from '../domain/buyer.errors.ts';
import { CartChanged, CartFull } from '../domain/cart.errors.ts';
import type { CartsService } from '../domain/carts.service.ts';
import { CatalogueUnavailable, NotForSale, OwnOffer, UnknownPost } from '../domain/catalogue.errors.ts';
import { MixedCurrencies, TotalTooLarge } from '../domain/money.errors.ts';
import { buyerOf } from './access.ts';
import { cartView, itemBody, itemParams, showCart } from './cart.schemas.ts';

export function cartRoutes(carts: CartsService): Route[] {
  return [getCart(carts), putItem(carts), takeOut(carts)];
}

const getCart = (carts: CartsService) =>
  route({
    method: 'get',
    path: '/cart',
    summary: 'Your cart at current prices',
    tag: 'cart',
    auth: 'required',
    answers: { 200: cartView },
    errors: [Forbidden],
    handle: async ({ caller }) => ({ status: 200, body: showCart(await carts.show(buyerOf(caller).userId)) }),
  });

const putItem = (carts: CartsService) =>
  route({
    method: 'put',
    path: '/cart/items/:postId',
    summary: 'Put a post into your cart, or set its quantity',
    tag: 'cart',
    auth: 'required',
    input: { params: itemParams, body: itemBody },
    answers: { 200: cartView },
    errors: [
      Forbidden,
      AccountDeleted,
      UnknownPost,
      NotForSale,
      OwnOffer,
      CartFull,
      MixedCurrencies,
      TotalTooLarge,
      CartChanged,
      CatalogueUnavailable,
    ],
    handle: async ({ params, body, caller }) => {
      const cart = await carts.put(buyerOf(caller).userId, { ...params, ...body });
      return { status: 200, body: showCart(cart) };
    },
  });

const takeOut = (carts: CartsService) =>
  route({
    method: 'delete',
    path: '/cart/items/:postId',
    summary: 'Take a post out of your cart',
    tag: 'cart',
    auth: 'required',
    input: { params: itemParams },
    answers: { 200: cartView },
    errors: [Forbidden, CartChanged],
    handle: async ({ params, caller }) => ({
      status: 200,
      body: showCart(await carts.takeOut(buyerOf(caller).userId, params.postId)),
    }),
  });
