import { Forbidden } from '@plaza/errors';
import { requireUser, route, type Caller, type HttpRoute } from '@plaza/service-kit';
import { TooManyLogins, WrongPassword } from '../domain/auth.errors.ts';
import type { AuthService } from '../domain/auth.service.ts';
import type { User } from '../domain/user.ts';
import { UserChanged, UserExists, UserNotFound } from '../domain/user.errors.ts';
import type { UsersService } from '../domain/users.service.ts';
import { toClientIpKey } from './client-ip.ts';
import {
  passwordBody,
  preferencesBody,
  preferencesView,
  profileBody,
  profileView,
  toProfileView,
} from './profile.schemas.ts';

export function profileRoutes(users: UsersService, auth: AuthService): HttpRoute[] {
  return [
    getProfile(users),
    updateProfile(users),
    getPreferences(users),
    updatePreferences(users),
    changePassword(auth),
  ];
}

/** The signed-in user, who may have been deleted since. @throws {UserNotFound} */
async function getCallingUser(caller: Caller, users: UsersService): Promise<User> {
  const user = await users.getUserById(requireUser(caller).userId);
  if (user === null) throw new UserNotFound();
  return user;
}

const getProfile = (users: UsersService) =>
  route({
    method: 'get',
    path: '/profile',
    summary: 'The signed-in user',
    tag: 'profile',
    auth: 'required',
    responses: { 200: profileView },
    errors: [Forbidden, UserNotFound],
    handle: async ({ caller }) => ({ status: 200, body: toProfileView(await getCallingUser(caller, users)) }),
  });

const updateProfile = (users: UsersService) =>
  route({
    method: 'put',
    path: '/profile',
    summary: 'Change the signed-in user; what is absent stays as it is',
    tag: 'profile',
    auth: 'required',
    input: { body: profileBody },
    responses: { 200: profileView },
    errors: [Forbidden, UserNotFound, UserExists, UserChanged],
    handle: async ({ body, caller }) => {
      const user = await users.updateUser(requireUser(caller).userId, body);
      return { status: 200, body: toProfileView(user) };
    },
  });

const getPreferences = (users: UsersService) =>
  route({
    method: 'get',
    path: '/profile/preferences',
    summary: 'The preferences of the signed-in user',
    tag: 'profile',
    auth: 'required',
    responses: { 200: preferencesView },
    errors: [Forbidden, UserNotFound],
    handle: async ({ caller }) => ({ status: 200, body: (await getCallingUser(caller, users)).preferences }),
  });

const updatePreferences = (users: UsersService) =>
  route({
    method: 'put',
    path: '/profile/preferences',
    summary: 'Change preferences of the signed-in user; what is absent stays as it is',
    tag: 'profile',
    auth: 'required',
    input: { body: preferencesBody },
    responses: { 200: preferencesView },
    errors: [Forbidden, UserNotFound, UserChanged],
    handle: async ({ body, caller }) => {
      const { preferences } = await users.updateUser(requireUser(caller).userId, { preferences: body });
      return { status: 200, body: preferences };
    },
  });

const changePassword = (auth: AuthService) =>
  route({
    method: 'put',
    path: '/profile/password',
    summary: 'Set a new password, and end all other logins of the signed-in user',
    tag: 'profile',
    auth: 'required',
    input: { body: passwordBody },
    responses: { 204: null },
    errors: [Forbidden, WrongPassword, UserNotFound, UserChanged, TooManyLogins],
    handle: async ({ body, caller, request }) => {
      const { userId, sessionId } = requireUser(caller);
      await auth.changePassword({ ...body, userId, sessionId }, toClientIpKey(request));
      return { status: 204 };
    },
  });
