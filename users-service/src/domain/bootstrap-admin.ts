import type { EventLog } from '@plaza/errors';
import type { PasswordHasher } from './password-hasher.ts';
import { promoteToAdmin, type User } from './user.ts';
import { UserExists } from './user.errors.ts';
import type { UserRepository } from './user.repository.ts';
import { updateUserWithRetry } from './update-with-retry.ts';
import type { UsersService } from './users.service.ts';
import { adminPromotionRefused } from './users.log-events.ts';

export interface BootstrapAdmin {
  readonly email: string;
  readonly password: string;
}

export interface BootstrapAdminDependencies {
  readonly users: UserRepository;
  readonly accounts: UsersService;
  readonly passwords: PasswordHasher;
  readonly log: Pick<EventLog, 'warn'>;
  readonly newId: () => string;
  readonly now: () => Date;
}

/**
 * Sees to it that an administrator of this e-mail address exists. One who exists keeps the password that
 * they have. May run twice, and on several replicas at once.
 */
export async function bootstrapAdmin(
  admin: BootstrapAdmin,
  dependencies: BootstrapAdminDependencies,
): Promise<void> {
  const { users, accounts, newId } = dependencies;
  for (const username of ['admin', `admin-${newId().slice(-8)}`]) {
    const found = await users.findByLogin(admin.email);
    if (found !== null) return promote(found, admin, dependencies);
    try {
      await accounts.createUser({ username, ...admin, name: 'Administrator' }, { admin: true });
      return undefined;
    } catch (error) {
      if (!(error instanceof UserExists)) throw error;
    }
  }
  return undefined;
}

/** An address proves nothing, anyone may have registered it: only who knows the password is promoted. */
async function promote(
  found: User,
  admin: BootstrapAdmin,
  dependencies: BootstrapAdminDependencies,
): Promise<void> {
  const { users, passwords, log, now } = dependencies;
  if (found.admin) return;
  if (await passwords.verify(admin.password, found.passwordHash)) {
    await updateUserWithRetry(users, found.id, (user) =>
      user.admin ? { state: user, events: [] } : promoteToAdmin(user, now()),
    );
    return;
  }
  log.warn(adminPromotionRefused, {
    userId: found.id,
  });
}
