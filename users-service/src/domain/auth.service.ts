import type { LoginLimit } from './login-limit.ts';
import { InvalidCredentials, InvalidRefreshToken, RefreshTokenReused, WrongPassword } from './auth.errors.ts';
import type { Passwords } from './passwords.ts';
import { beginSession, type Session, type SessionRepository } from './session.ts';
import type { RefreshToken, Tokens } from './tokens.ts';
import { rehash, setPassword, type User } from './user.ts';
import { UserNotFound } from './user.errors.ts';
import type { UserRepository } from './user.repository.ts';
import { changeUser } from './users.service.ts';

export interface Credentials {
  /** A username or an e-mail address. */
  readonly login: string;
  readonly password: string;
}

export interface SignedIn {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds that the access token lives. */
  readonly expiresIn: number;
}

export interface PasswordChange {
  readonly userId: string;
  /** The session that lives on. */
  readonly sessionId: string | undefined;
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface AuthService {
  /** @throws {InvalidCredentials} {TooManyLogins} */
  login(credentials: Credentials, address: string): Promise<SignedIn>;
  /** @throws {InvalidRefreshToken} {RefreshTokenReused} */
  refresh(refreshToken: string): Promise<SignedIn>;
  /** Ends the session that a refresh token belongs to; one that belongs to none is as good as ended. */
  logoutByToken(refreshToken: string): Promise<void>;
  logout(sessionId: string | undefined): Promise<void>;
  /** Ends all other sessions of the user. @throws {WrongPassword} {TooManyLogins} {UserNotFound} */
  changePassword(change: PasswordChange, address: string): Promise<void>;
}

export interface AuthServiceDependencies {
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly limit: LoginLimit;
  readonly log: { warn(message: string, fields: object): void };
  readonly now: () => Date;
}

export function createAuthService(dependencies: AuthServiceDependencies): AuthService {
  const { users, sessions, passwords, tokens, limit, now } = dependencies;

  return {
    login: async ({ login, password }, address) => {
      const user = await users.byLogin(login);
      const attempted = { account: user?.id ?? login, address };
      const right = await limit(attempted, () => passwords.verify(password, user?.passwordHash));
      if (user === null || !right) throw new InvalidCredentials();
      if (passwords.isOutdated(user.passwordHash)) {
        await users.save(rehash(user, await passwords.hash(password)));
      }
      const refresh = tokens.issueRefresh();
      await sessions.add(beginSession(user, refresh, now()));
      return signedIn(tokens, user, refresh);
    },

    refresh: async (text) => {
      const { user, used } = await redeem(dependencies, text);
      const next = tokens.renewRefresh(used);
      const first = await sessions.rotate(used.sessionId, used.hash, next.hash);
      if (!first) return endReused(dependencies, used.sessionId);
      return signedIn(tokens, user, next);
    },

    logoutByToken: async (text) => {
      const token = tokens.readRefresh(text);
      if (token !== undefined) await sessions.remove(token.sessionId);
    },

    logout: async (sessionId) => {
      if (sessionId !== undefined) await sessions.remove(sessionId);
    },

    changePassword: async ({ userId, sessionId, currentPassword, newPassword }, address) => {
      const user = await users.byId(userId);
      if (user === null) throw new UserNotFound();
      const right = await limit({ account: user.id, address }, () =>
        passwords.verify(currentPassword, user.passwordHash),
      );
      if (!right) throw new WrongPassword();
      const hash = await passwords.hash(newPassword);
      const { passwordVersion } = await changeUser(users, userId, (found) => setPassword(found, hash, now()));
      await sessions.keepOnly(user.id, sessionId, passwordVersion);
    },
  };
}

async function signedIn(tokens: Tokens, user: User, { token, sessionId }: RefreshToken): Promise<SignedIn> {
  return { ...(await tokens.issueAccess(user, sessionId)), refreshToken: token };
}

/** The user for whom a refresh token is good now. @throws {InvalidRefreshToken} {RefreshTokenReused} */
async function redeem(
  dependencies: AuthServiceDependencies,
  text: string,
): Promise<{ user: User; used: RefreshToken }> {
  const { users, sessions, tokens, now } = dependencies;
  const used = tokens.readRefresh(text);
  const session = used === undefined ? null : await sessions.byId(used.sessionId);
  if (used === undefined || session === null || session.expiresAt <= now()) throw new InvalidRefreshToken();
  if (session.tokenHash !== used.hash) return endReused(dependencies, session.id);
  const user = await users.byId(session.userId);
  if (user === null || !isOf(session, user)) {
    await sessions.remove(session.id);
    throw new InvalidRefreshToken();
  }
  return { user, used };
}

function isOf(session: Session, user: User): boolean {
  return session.passwordVersion === user.passwordVersion;
}

/** Either of the two who used the token may be a thief, so neither goes on (RFC 9700, 4.14.2). */
async function endReused({ sessions, log }: AuthServiceDependencies, sessionId: string): Promise<never> {
  await sessions.remove(sessionId);
  log.warn('a refresh token was used twice: its session is ended', { sessionId });
  throw new RefreshTokenReused();
}
