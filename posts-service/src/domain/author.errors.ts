import { Forbidden, NotFound, Unavailable, Unprocessable, type UnavailableReason } from '@plaza/errors';

/** The users service knows no user of this id. */
export class AuthorNotFound extends NotFound {
  static override readonly code = 'user_not_found';
  static override readonly title = 'User not found';
  static override readonly cause = 'The user does not exist, or was deleted.';
  static override readonly remedy = 'Check the id.';
}

/** The token still holds, but whom it speaks for has been deleted. */
export class AuthorAccountDeleted extends Forbidden {
  static override readonly code = 'account_deleted';
  static override readonly title = 'Account deleted';
  static override readonly cause =
    'The account was deleted; its access token is valid for some minutes more.';
  static override readonly remedy = 'Sign in with another account.';

  constructor() {
    super('This account has been deleted: nothing can be written in its name.');
  }
}

/** The users service answered, and will not have it; the message is its own. */
export class UsersServiceRefused extends Unprocessable {
  static override readonly code = 'users_service_refused';
  static override readonly title = 'Refused by the users service';
  static override readonly cause = 'The users service refused the request; the message has its reason.';
  static override readonly remedy = 'Correct the request as the message says.';
}

/** The users service is unreachable, late or overloaded, or its response is not understood. */
export class UsersServiceUnavailable extends Unavailable {
  static override readonly code = 'users_service_unavailable';
  static override readonly title = 'Users service unavailable';
  static override readonly cause = 'The users service could not be called, or its response cannot be used.';
  static override readonly remedy = 'Try again later. Operators: `reason` says why the call failed.';
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
