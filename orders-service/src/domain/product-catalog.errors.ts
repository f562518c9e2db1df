import { Unavailable, Unprocessable, type FieldError } from '@plaza/errors';

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

  constructor(places: readonly LinePosition[]) {
    super(`Not for sale: ${joinPostIds(places)}.`, { fields: toFieldErrors(places, 'is not for sale') });
  }
}

/** The buyer is the one who offers it. */
export class OwnOffer extends Unprocessable {
  static override readonly code = 'own_offer';
  static override readonly title = 'Own offer';

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
}
