import { Conflict, NotFound, type FieldError } from '@plaza/errors';

/** There is no user of this id, or there no longer is. */
export class UserNotFound extends NotFound {
  static override readonly code = 'user_not_found';
  static override readonly title = 'User not found';
}

/** Another user has the username or the e-mail address; `errors` names which. */
export class UserExists extends Conflict {
  static override readonly code = 'user_exists';
  static override readonly title = 'User already exists';

  constructor(taken: readonly string[]) {
    const fields = taken.map((path): FieldError => ({ path, message: 'is taken' }));
    super(undefined, { fields });
  }
}

/** Others changed this user again and again while this change was being made. */
export class UserChanged extends Conflict {
  static override readonly code = 'user_changed';
  static override readonly title = 'User changed meanwhile';

  constructor() {
    super('The user was changed by others at the same time; look at it again and try again.');
  }
}

/** The last administrator cannot be removed. */
export class LastAdmin extends Conflict {
  static override readonly code = 'last_admin';
  static override readonly title = 'Last administrator';

  constructor() {
    super('This is the last administrator, who cannot be deleted.');
  }
}
