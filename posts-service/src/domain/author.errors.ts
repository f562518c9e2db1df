import { Forbidden, NotFound, Unavailable, Unprocessable } from '@plaza/errors';

/** The users service knows no user of this id. */
export class AuthorNotFound extends NotFound {
  static override readonly code = 'user_not_found';
  static override readonly title = 'User not found';
}

/** The token still holds, but whom it speaks for has been deleted. */
export class AuthorAccountDeleted extends Forbidden {
  static override readonly code = 'account_deleted';
  static override readonly title = 'Account deleted';

  constructor() {
    super('This account has been deleted: nothing can be written in its name.');
  }
}

/** The users service answered, and will not have it; the message is its own. */
export class UsersServiceRefused extends Unprocessable {
  static override readonly code = 'users_service_refused';
  static override readonly title = 'Refused by the users service';
}

/** The users service is unreachable, late or overloaded, or its response is not understood. */
export class UsersServiceUnavailable extends Unavailable {
  static override readonly code = 'users_service_unavailable';
  static override readonly title = 'Users service unavailable';
}
