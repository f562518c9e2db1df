import { Forbidden, TooManyRequests, Unauthorized } from '@plaza/errors';

/** The same words whether the user does not exist or the password is wrong. */
export class InvalidCredentials extends Unauthorized {
  static override readonly code = 'invalid_credentials';
  static override readonly title = 'Invalid credentials';
  static override readonly cause = 'The login or the password is wrong.';
  static override readonly remedy = 'Check both.';
}

/** The refresh token is malformed, expired, or of a session that has ended. */
export class InvalidRefreshToken extends Unauthorized {
  static override readonly code = 'invalid_refresh_token';
  static override readonly title = 'Invalid refresh token';
  static override readonly cause = 'The refresh token is malformed or expired, or its session has ended.';
  static override readonly remedy = 'Sign in again.';

  constructor() {
    super('The refresh token is not valid, or no longer; sign in again.');
  }
}

/** A refresh token came a second time: it may be stolen, so that its session has ended for everyone. */
export class RefreshTokenReused extends Unauthorized {
  static override readonly code = 'refresh_token_reused';
  static override readonly title = 'Refresh token reused';
  static override readonly cause =
    'The refresh token was used twice; it may be stolen, so its session has ended.';
  static override readonly remedy = 'Sign in again.';

  constructor() {
    super('The refresh token was used before, so that its session has been ended; sign in again.');
  }
}

/** A password was wrong too often for this account from this address. */
export class TooManyLogins extends TooManyRequests {
  static override readonly code = 'too_many_logins';
  static override readonly title = 'Too many failed logins';
  static override readonly cause = 'The password was wrong too often for this account from this address.';
  static override readonly remedy = 'Wait for the seconds in Retry-After.';

  constructor(retryAfter: number) {
    super('The password was wrong too often; wait before the next try.', { retryAfter });
  }
}

/** A new password needs the current one. */
export class WrongPassword extends Forbidden {
  static override readonly code = 'wrong_password';
  static override readonly title = 'Wrong password';
  static override readonly cause = 'The current password is not correct.';
  static override readonly remedy = 'Send the current password.';

  constructor() {
    super('The current password is not this one.', {
      fields: [{ path: 'currentPassword', message: 'is not the current password' }],
    });
  }
}
