import { route, requireUser, type Route } from '@plaza/service-kit';
import {
  InvalidCredentials,
  InvalidRefreshToken,
  RefreshTokenReused,
  TooManyLogins,
} from '../domain/auth.errors.ts';
import type { AuthService } from '../domain/auth.service.ts';
import { addressOf } from './address.ts';
import { loginBody, logoutBody, refreshBody, showTokens, tokensView } from './auth.schemas.ts';

export function authRoutes(auth: AuthService): Route[] {
  return [login(auth), refresh(auth), logout(auth)];
}

/** RFC 6749, 5.1: tokens are kept by no cache. */
const UNCACHED = { 'Cache-Control': 'no-store' };

const login = (auth: AuthService) =>
  route({
    method: 'post',
    path: '/auth/login',
    summary: 'Sign in with a username or an e-mail address',
    tag: 'auth',
    auth: 'none',
    input: { body: loginBody },
    answers: { 200: tokensView },
    errors: [InvalidCredentials, TooManyLogins],
    handle: async ({ body, request }) => {
      const signedIn = await auth.login(body, addressOf(request));
      return { status: 200, body: showTokens(signedIn), headers: UNCACHED };
    },
  });

const refresh = (auth: AuthService) =>
  route({
    method: 'post',
    path: '/auth/refresh',
    summary: 'Trade a refresh token for new tokens; used a second time, it ends its login',
    tag: 'auth',
    auth: 'none',
    input: { body: refreshBody },
    answers: { 200: tokensView },
    errors: [InvalidRefreshToken, RefreshTokenReused],
    handle: async ({ body }) => {
      const signedIn = await auth.refresh(body.refreshToken);
      return { status: 200, body: showTokens(signedIn), headers: UNCACHED };
    },
  });

const logout = (auth: AuthService) =>
  route({
    method: 'post',
    path: '/auth/logout',
    summary: 'End a login: that of the refresh token in the body, else that of the access token',
    tag: 'auth',
    auth: 'optional',
    input: { body: logoutBody },
    answers: { 204: null },
    handle: async ({ body, caller }) => {
      if (body?.refreshToken !== undefined) await auth.logoutByToken(body.refreshToken);
      else await auth.logout(requireUser(caller).sessionId);
      return { status: 204 };
    },
  });
