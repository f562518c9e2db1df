import { Unavailable, Unprocessable, type FieldError, type UnavailableReason } from '@plaza/errors';

interface LinePosition {
  readonly index: number;
  readonly postId: string;
}

function toFieldErrors(places: readonly LinePosition[], message: string): FieldError[] {
  return places.map(({ index }) => ({ path: `items.${index}.postId`, message }));
}

const joinPostIds = (places: readonly LinePosition[]) => places.map(({ postId }) => postId).join(', ');

/** No post has this id. */
export class UnknownPost extends Unprocessable {
  static override readonly code = 'unknown_post';
  static override readonly title = 'Unknown post';
  static override readonly cause = 'A line of the order names a post that does not exist.';
  static override readonly remedy = 'Remove the lines that `errors` names.';

  constructor(places: readonly LinePosition[]) {
    super(`There is no such post: ${joinPostIds(places)}.`, {
      fields: toFieldErrors(places, 'does not exist'),
    });
  }
}

/** The post is a draft, or no offer. */
export class NotForSale extends Unprocessable {
  static override readonly code = 'not_for_sale';
  static override readonly title = 'Not for sale';
  static override readonly cause = 'A line of the order names a draft, or a post without an offer.';
  static override readonly remedy = 'Remove the lines that `errors` names.';

  constructor(places: readonly LinePosition[]) {
    super(`Not for sale: ${joinPostIds(places)}.`, { fields: toFieldErrors(places, 'is not for sale') });
  }
}

/** The buyer is the one who offers it. */
export class OwnOffer extends Unprocessable {
  static override readonly code = 'own_offer';
  static override readonly title = 'Own offer';
  static override readonly cause = 'The buyer is the author of the post.';
  static override readonly remedy = 'Remove the lines that `errors` names.';

  constructor(places: readonly LinePosition[]) {
    super(`A buyer cannot buy their own posts: ${joinPostIds(places)}.`, {
      fields: toFieldErrors(places, 'is your own offer'),
    });
  }
}

/** Prices cannot be asked for, so nothing was ordered. */
export class CatalogueUnavailable extends Unavailable {
  static override readonly code = 'catalogue_unavailable';
  static override readonly title = 'Prices unavailable';
  static override readonly cause = 'The posts service could not give prices; nothing was ordered.';
  static override readonly remedy =
    'Try again later. Operators: `reason` says why the call to posts-service failed.';
  static override readonly reasons: readonly UnavailableReason[] = [
    'connect_refused',
    'connection_reset',
    'response_timeout',
    'error_response',
    'invalid_response',
    'breaker_open',
    'queue_full',
    'queue_timeout',
    'registry_unanswered',
    'registry_empty',
    'no_instance_passing',
    'zero_weight',
  ];
}
