import { route, requireUser, type HttpRoute } from '@plaza/service-kit';
import {
  InvalidCredentials,
  InvalidRefreshToken,
  RefreshTokenReused,
  TooManyLogins,
} from '../domain/auth.errors.ts';
import type { AuthService } from '../domain/auth.service.ts';
import { toClientIpKey } from './client-ip.ts';
import { loginBody, logoutBody, refreshBody, toTokensView, tokensView } from './auth.schemas.ts';

export function authRoutes(auth: AuthService): HttpRoute[] {
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
    responses: { 200: tokensView },
    errors: [InvalidCredentials, TooManyLogins],
    handle: async ({ body, request }) => {
      const tokens = await auth.login(body, toClientIpKey(request));
      return { status: 200, body: toTokensView(tokens), headers: UNCACHED };
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
    responses: { 200: tokensView },
    errors: [InvalidRefreshToken, RefreshTokenReused],
    handle: async ({ body }) => {
      const tokens = await auth.refresh(body.refreshToken);
      return { status: 200, body: toTokensView(tokens), headers: UNCACHED };
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
    responses: { 204: null },
    handle: async ({ body, caller }) => {
      if (body?.refreshToken !== undefined) await auth.logoutByToken(body.refreshToken);
      else await auth.logout(requireUser(caller).sessionId);
      return { status: 204 };
    },
  });
