import { Forbidden } from '@plaza/errors';
import { route, type HttpRoute } from '@plaza/service-kit';
import { BuyerAccountDeleted } from '../domain/buyer.errors.ts';
import { CartChanged, CartFull } from '../domain/cart.errors.ts';
import type { CartsService } from '../domain/carts.service.ts';
import { CatalogueUnavailable, NotForSale, OwnOffer, UnknownPost } from '../domain/product-catalog.errors.ts';
import { MixedCurrencies, TotalTooLarge } from '../domain/money.errors.ts';
import { requireBuyer } from './authorization.ts';
import { cartView, itemBody, itemParams, toCartView } from './cart.schemas.ts';

export function cartRoutes(carts: CartsService): HttpRoute[] {
  return [getCart(carts), putItem(carts), removeItem(carts)];
}

const getCart = (carts: CartsService) =>
  route({
    method: 'get',
    path: '/cart',
    summary: 'Your cart at current prices',
    tag: 'cart',
    auth: 'required',
    responses: { 200: cartView },
    errors: [Forbidden],
    handle: async ({ caller }) => ({
      status: 200,
      body: toCartView(await carts.getPriced(requireBuyer(caller).userId)),
    }),
  });

const putItem = (carts: CartsService) =>
  route({
    method: 'put',
    path: '/cart/items/:postId',
    summary: 'Put a post into your cart, or set its quantity',
    tag: 'cart',
    auth: 'required',
    input: { params: itemParams, body: itemBody },
    responses: { 200: cartView },
    errors: [
      Forbidden,
      BuyerAccountDeleted,
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
      const cart = await carts.putItem(requireBuyer(caller).userId, { ...params, ...body });
      return { status: 200, body: toCartView(cart) };
    },
  });

const removeItem = (carts: CartsService) =>
  route({
    method: 'delete',
    path: '/cart/items/:postId',
    summary: 'Take a post out of your cart',
    tag: 'cart',
    auth: 'required',
    input: { params: itemParams },
    responses: { 200: cartView },
    errors: [Forbidden, CartChanged],
    handle: async ({ params, caller }) => ({
      status: 200,
      body: toCartView(await carts.removeItem(requireBuyer(caller).userId, params.postId)),
    }),
  });
