import { Conflict, Unprocessable } from '@plaza/errors';

/** As many different posts are in the cart as an order takes. */
export class CartFull extends Unprocessable {
  static override readonly code = 'cart_full';
  static override readonly title = 'Cart full';
  static override readonly cause = 'The cart has 50 different posts.';
  static override readonly remedy = 'Order them first, or remove one.';

  constructor() {
    super('A cart takes 50 different posts: order these first, or take one out.');
  }
}

/** There is nothing in the cart to order. */
export class CartEmpty extends Unprocessable {
  static override readonly code = 'cart_empty';
  static override readonly title = 'Cart empty';
  static override readonly cause = 'The cart has no items.';
  static override readonly remedy = 'Add one with PUT /cart/items/:postId.';

  constructor() {
    super('The cart is empty: put something in with PUT /cart/items/:postId.');
  }
}

/** The cart changed again and again while this change was being made. */
export class CartChanged extends Conflict {
  static override readonly code = 'cart_changed';
  static override readonly title = 'Cart changed meanwhile';
  static override readonly cause = 'Other requests changed the cart at the same time.';
  static override readonly remedy = 'Read the cart again, then repeat the request.';

  constructor() {
    super('The cart was changed by others at the same time; look at it again and try again.');
  }
}
