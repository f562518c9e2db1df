import { Forbidden } from '@plaza/errors';

/** The account is deleted; its tokens hold for some minutes more, and buy nothing. */
export class BuyerAccountDeleted extends Forbidden {
  static override readonly code = 'account_deleted';
  static override readonly title = 'Account deleted';
  static override readonly cause =
    'The account was deleted; its access token is valid for some minutes more.';
  static override readonly remedy = 'Sign in with another account.';

  constructor() {
    super('This account is deleted.');
  }
}
