import { Conflict, NotFound, type FieldError } from '@plaza/errors';

/** There is no user of this id, or there no longer is. */
export class UserNotFound extends NotFound {
  static override readonly code = 'user_not_found';
  static override readonly title = 'User not found';
  static override readonly cause = 'The user does not exist, or was deleted.';
  static override readonly remedy = 'Check the id.';
}

/** Another user has the username or the e-mail address; `errors` names which. */
export class UserExists extends Conflict {
  static override readonly code = 'user_exists';
  static override readonly title = 'User already exists';
  static override readonly cause = 'The username or the e-mail address is in use.';
  static override readonly remedy = 'Choose another; `errors` names the field.';

  constructor(taken: readonly string[]) {
    const fields = taken.map((path): FieldError => ({ path, message: 'is taken' }));
    super(undefined, { fields });
  }
}

/** Others changed this user again and again while this change was being made. */
export class UserChanged extends Conflict {
  static override readonly code = 'user_changed';
  static override readonly title = 'User changed meanwhile';
  static override readonly cause = 'Other requests changed the user at the same time.';
  static override readonly remedy = 'Read the user again, then repeat the request.';

  constructor() {
    super('The user was changed by others at the same time; look at it again and try again.');
  }
}

/** The last administrator cannot be removed. */
export class LastAdmin extends Conflict {
  static override readonly code = 'last_admin';
  static override readonly title = 'Last administrator';
  static override readonly cause = 'The user is the last administrator.';
  static override readonly remedy = 'Make another user administrator first.';

  constructor() {
    super('This is the last administrator, who cannot be deleted.');
  }
}
