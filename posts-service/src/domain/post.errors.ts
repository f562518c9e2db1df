import { Conflict, Forbidden, Invalid, NotFound } from '@plaza/errors';

/** No post has this id, it was deleted, or it is the draft of another author. */
export class PostNotFound extends NotFound {
  static override readonly code = 'post_not_found';
  static override readonly title = 'Post not found';

  constructor() {
    super('There is no post of this id.');
  }
}

/** Only the author and administrators change a post. */
export class NotYourPost extends Forbidden {
  static override readonly code = 'not_your_post';
  static override readonly title = 'Not your post';

  constructor() {
    super('Only its author and administrators may change a post.');
  }
}

/** Others changed this post again and again while this change was being made. */
export class PostChanged extends Conflict {
  static override readonly code = 'post_changed';
  static override readonly title = 'Post changed meanwhile';

  constructor() {
    super('The post was changed by others at the same time; look at it again and try again.');
  }
}

/** A post that is no offer yet becomes one with a price and a stock, not with one of them. */
export class OfferIncomplete extends Invalid {
  static override readonly code = 'offer_incomplete';
  static override readonly title = 'Offer incomplete';

  constructor(missing: 'price' | 'stock') {
    super(`This post is no offer yet: it needs a ${missing} to become one.`, {
      fields: [{ path: `offer.${missing}`, message: 'is required' }],
    });
  }
}
