import type { EventLog } from '@plaza/errors';
import type { LoginRateLimiter } from './login-rate-limiter.ts';
import { InvalidCredentials, InvalidRefreshToken, RefreshTokenReused, WrongPassword } from './auth.errors.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { SessionRepository } from './session.repository.ts';
import { createSession, type Session } from './session.ts';
import type { RefreshToken, Tokens } from './tokens.ts';
import { updatePasswordHash, changePassword, type User } from './user.ts';
import { UserNotFound } from './user.errors.ts';
import type { UserRepository } from './user.repository.ts';
import { updateUserWithRetry } from './update-with-retry.ts';
import { refreshTokenReused } from './users.log-events.ts';

export interface Credentials {
  /** A username or an e-mail address. */
  readonly login: string;
  readonly password: string;
}

export interface IssuedTokens {
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
  login(credentials: Credentials, address: string): Promise<IssuedTokens>;
  /** @throws {InvalidRefreshToken} {RefreshTokenReused} */
  refresh(refreshToken: string): Promise<IssuedTokens>;
  /** Ends the session that a refresh token belongs to; one that belongs to none is as good as ended. */
  logoutByToken(refreshToken: string): Promise<void>;
  logout(sessionId: string | undefined): Promise<void>;
  /** Ends all other sessions of the user. @throws {WrongPassword} {TooManyLogins} {UserNotFound} */
  changePassword(change: PasswordChange, address: string): Promise<void>;
}

export interface AuthServiceDependencies {
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly passwords: PasswordHasher;
  readonly tokens: Tokens;
  readonly limit: LoginRateLimiter;
  readonly log: Pick<EventLog, 'warn'>;
  readonly now: () => Date;
}

export function createAuthService(dependencies: AuthServiceDependencies): AuthService {
  const { users, sessions, passwords, tokens, limit, now } = dependencies;

  return {
    login: async ({ login, password }, address) => {
      const user = await users.findByLogin(login);
      const attempt = { account: user?.id ?? login, address };
      const right = await limit(attempt, () => passwords.verify(password, user?.passwordHash));
      if (user === null || !right) throw new InvalidCredentials();
      if (passwords.isOutdated(user.passwordHash)) {
        await users.save(updatePasswordHash(user, await passwords.hash(password)));
      }
      const refresh = tokens.issueRefresh();
      await sessions.add(createSession(user, refresh, now()));
      return issueTokens(tokens, user, refresh);
    },

    refresh: async (text) => {
      const { user, used } = await redeemRefreshToken(dependencies, text);
      const next = tokens.renewRefresh(used);
      const first = await sessions.rotate(used.sessionId, used.hash, next.hash);
      if (!first) return endReusedSession(dependencies, used.sessionId);
      return issueTokens(tokens, user, next);
    },

    logoutByToken: async (text) => {
      const token = tokens.readRefresh(text);
      if (token !== undefined) await sessions.remove(token.sessionId);
    },

    logout: async (sessionId) => {
      if (sessionId !== undefined) await sessions.remove(sessionId);
    },

    changePassword: async ({ userId, sessionId, currentPassword, newPassword }, address) => {
      const user = await users.findById(userId);
      if (user === null) throw new UserNotFound();
      const right = await limit({ account: user.id, address }, () =>
        passwords.verify(currentPassword, user.passwordHash),
      );
      if (!right) throw new WrongPassword();
      const hash = await passwords.hash(newPassword);
      const { passwordVersion } = await updateUserWithRetry(users, userId, (found) =>
        changePassword(found, hash, now()),
      );
      await sessions.removeOthers(user.id, sessionId, passwordVersion);
    },
  };
}

async function issueTokens(
  tokens: Tokens,
  user: User,
  { token, sessionId }: RefreshToken,
): Promise<IssuedTokens> {
  return { ...(await tokens.issueAccess(user, sessionId)), refreshToken: token };
}

/** The user for whom a refresh token is good now. @throws {InvalidRefreshToken} {RefreshTokenReused} */
async function redeemRefreshToken(
  dependencies: AuthServiceDependencies,
  text: string,
): Promise<{ user: User; used: RefreshToken }> {
  const { users, sessions, tokens, now } = dependencies;
  const used = tokens.readRefresh(text);
  const session = used === undefined ? null : await sessions.findById(used.sessionId);
  if (used === undefined || session === null || session.expiresAt <= now()) throw new InvalidRefreshToken();
  if (session.tokenHash !== used.hash) return endReusedSession(dependencies, session.id);
  const user = await users.findById(session.userId);
  if (user === null || !isCurrentSession(session, user)) {
    await sessions.remove(session.id);
    throw new InvalidRefreshToken();
  }
  return { user, used };
}

function isCurrentSession(session: Session, user: User): boolean {
  return session.passwordVersion === user.passwordVersion;
}

/** Either of the two who used the token may be a thief, so neither goes on (RFC 9700, 4.14.2). */
async function endReusedSession(
  { sessions, log }: AuthServiceDependencies,
  sessionId: string,
): Promise<never> {
  await sessions.remove(sessionId);
  log.warn(refreshTokenReused, { sessionId });
  throw new RefreshTokenReused();
}
