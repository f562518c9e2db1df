import { decodeCursor, encodeCursor, pageSchema, pageQuery, route, type HttpRoute } from '@plaza/service-kit';
import { Forbidden } from '@plaza/errors';
import { z } from 'zod';
import { LastAdmin, UserChanged, UserExists, UserNotFound } from '../domain/user.errors.ts';
import type { UsersService } from '../domain/users.service.ts';
import { requireAdmin, requireSelfOrAdmin, toUserViewFor } from './authorization.ts';
import { newUserBody, toPrivateUserView, userBody, userParams, userPatch, userView } from './user.schemas.ts';

export function userRoutes(users: UsersService): HttpRoute[] {
  return [
    register(users, '/users'),
    register(users, '/auth/register'),
    listUsers(users),
    getUser(users),
    replaceUser(users),
    updateUser(users),
    deleteUser(users),
  ];
}

/** Under the two names that people look for it. */
const register = (users: UsersService, path: '/users' | '/auth/register') =>
  route({
    method: 'post',
    path,
    summary: 'Register',
    tag: path === '/users' ? 'users' : 'auth',
    auth: 'none',
    input: { body: newUserBody },
    responses: { 201: userView },
    errors: [UserExists],
    handle: async ({ body }) => {
      const user = await users.createUser(body);
      return { status: 201, body: toPrivateUserView(user), headers: { Location: `users/${user.id}` } };
    },
  });

/** The last id of the page before. */
const cursor = z.string();

const listUsers = (users: UsersService) =>
  route({
    method: 'get',
    path: '/users',
    summary: 'All users, for administrators',
    tag: 'users',
    auth: 'required',
    input: { query: pageQuery },
    responses: { 200: pageSchema(userView) },
    errors: [Forbidden],
    handle: async ({ query, caller }) => {
      requireAdmin(caller);
      const after = query.cursor === undefined ? undefined : decodeCursor(cursor, query.cursor);
      const found = await users.listUsers(query.limit + 1, after);
      const page = found.slice(0, query.limit);
      const last = found.length > page.length ? page.at(-1) : undefined;
      const next = last === undefined ? null : encodeCursor(last.id);
      return { status: 200, body: { items: page.map(toPrivateUserView), next } };
    },
  });

const getUser = (users: UsersService) =>
  route({
    method: 'get',
    path: '/users/:id',
    summary: 'One user; the e-mail address only for themselves, administrators and services',
    tag: 'users',
    auth: 'optional',
    input: { params: userParams },
    responses: { 200: userView },
    errors: [UserNotFound],
    handle: async ({ params, caller }) => {
      const user = await users.getUserById(params.id);
      if (user === null) throw new UserNotFound();
      return { status: 200, body: toUserViewFor(user, caller) };
    },
  });

const replaceUser = (users: UsersService) =>
  route({
    method: 'put',
    path: '/users/:id',
    summary: 'Replace username, e-mail address and name; without a name it becomes the username',
    tag: 'users',
    auth: 'required',
    input: { params: userParams, body: userBody },
    responses: { 200: userView },
    errors: [Forbidden, UserNotFound, UserExists, UserChanged],
    handle: async ({ params, body, caller }) => {
      requireSelfOrAdmin(caller, params.id);
      const { name = body.username } = body;
      const user = await users.updateUser(params.id, { ...body, name });
      return { status: 200, body: toPrivateUserView(user) };
    },
  });

const updateUser = (users: UsersService) =>
  route({
    method: 'patch',
    path: '/users/:id',
    summary: 'Change some of username, e-mail address and name',
    tag: 'users',
    auth: 'required',
    input: { params: userParams, body: userPatch },
    responses: { 200: userView },
    errors: [Forbidden, UserNotFound, UserExists, UserChanged],
    handle: async ({ params, body, caller }) => {
      requireSelfOrAdmin(caller, params.id);
      return { status: 200, body: toPrivateUserView(await users.updateUser(params.id, body)) };
    },
  });

const deleteUser = (users: UsersService) =>
  route({
    method: 'delete',
    path: '/users/:id',
    summary: 'Delete a user and everything personal',
    tag: 'users',
    auth: 'required',
    input: { params: userParams },
    responses: { 204: null },
    errors: [Forbidden, UserNotFound, LastAdmin, UserChanged],
    handle: async ({ params, caller }) => {
      requireSelfOrAdmin(caller, params.id);
      await users.deleteUser(params.id);
      return { status: 204 };
    },
  });
