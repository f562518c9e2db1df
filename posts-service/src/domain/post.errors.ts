import { Conflict, Forbidden, Invalid, NotFound } from '@plaza/errors';

/** No post has this id, it was deleted, or it is the draft of another author. */
export class PostNotFound extends NotFound {
  static override readonly code = 'post_not_found';
  static override readonly title = 'Post not found';
  static override readonly cause = 'The post does not exist, was deleted, or is a draft of another author.';
  static override readonly remedy = 'Check the id and the account.';

  constructor() {
    super('There is no post of this id.');
  }
}

/** Only the author and administrators change a post. */
export class NotYourPost extends Forbidden {
  static override readonly code = 'not_your_post';
  static override readonly title = 'Not your post';
  static override readonly cause = 'Only the author and administrators may change a post.';
  static override readonly remedy = 'Sign in as its author.';

  constructor() {
    super('Only its author and administrators may change a post.');
  }
}

/** Others changed this post again and again while this change was being made. */
export class PostChanged extends Conflict {
  static override readonly code = 'post_changed';
  static override readonly title = 'Post changed meanwhile';
  static override readonly cause = 'Other requests changed the post at the same time.';
  static override readonly remedy = 'Read the post again, then repeat the request.';

  constructor() {
    super('The post was changed by others at the same time; look at it again and try again.');
  }
}

/** A post that is no offer yet becomes one with a price and a stock, not with one of them. */
export class OfferIncomplete extends Invalid {
  static override readonly code = 'offer_incomplete';
  static override readonly title = 'Offer incomplete';
  static override readonly cause = 'A new offer needs both a price and a stock.';
  static override readonly remedy = 'Send both.';

  constructor(missing: 'price' | 'stock') {
    super(`This post is no offer yet: it needs a ${missing} to become one.`, {
      fields: [{ path: `offer.${missing}`, message: 'is required' }],
    });
  }
}
