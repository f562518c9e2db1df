import { decodeCursor, encodeCursor, route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import { AuthorAccountDeleted } from '../domain/author.errors.ts';
import { NotYourPost, OfferIncomplete, PostChanged, PostNotFound } from '../domain/post.errors.ts';
import type { PostCursor } from '../domain/post.repository.ts';
import type { PostsService } from '../domain/posts.service.ts';
import { toActor, requireUserActor } from './authorization.ts';
import {
  newPostBody,
  postBody,
  postParams,
  postPatch,
  postsQuery,
  postsView,
  postView,
  toPostView,
  toPostWithAuthorView,
} from './post.schemas.ts';

export function postRoutes(posts: PostsService): HttpRoute[] {
  return [
    createPost(posts),
    listPosts(posts),
    getPost(posts),
    replacePost(posts),
    updatePost(posts),
    deletePost(posts),
  ];
}

const createPost = (posts: PostsService) =>
  route({
    method: 'post',
    path: '/posts',
    summary: 'Write a post; with an offer others can order it',
    tag: 'posts',
    auth: 'required',
    input: { body: newPostBody },
    responses: { 201: postView },
    errors: [AuthorAccountDeleted],
    handle: async ({ body, caller }) => {
      const post = await posts.create(requireUserActor(caller), body);
      return { status: 201, body: toPostView(post), headers: { Location: `posts/${post.id}` } };
    },
  });

/** The last post of the page before; where words are looked for, its score as well. */
const newestFirst = z.strictObject({ id: z.string() });
const bestFirst = z.strictObject({ id: z.string(), score: z.number() });

const listPosts = (posts: PostsService) =>
  route({
    method: 'get',
    path: '/posts',
    summary: 'Posts, the newest first; drafts only for their author and administrators',
    tag: 'posts',
    auth: 'optional',
    input: { query: postsQuery },
    responses: { 200: postsView },
    handle: async ({ query: { cursor, q: text, ...query }, caller }) => {
      const position = text === undefined ? newestFirst : bestFirst;
      const after: PostCursor | undefined = cursor === undefined ? undefined : decodeCursor(position, cursor);
      const { posts: found, next } = await posts.list({ ...query, text, after }, toActor(caller));
      const items = found.map(toPostWithAuthorView);
      return { status: 200, body: { items, next: next === undefined ? null : encodeCursor(next) } };
    },
  });

const getPost = (posts: PostsService) =>
  route({
    method: 'get',
    path: '/posts/:id',
    summary:
      'One post with its author; their e-mail address only for themselves, administrators and services',
    tag: 'posts',
    auth: 'optional',
    input: { params: postParams },
    responses: { 200: postView },
    errors: [PostNotFound],
    handle: async ({ params, caller }) => ({
      status: 200,
      body: toPostWithAuthorView(await posts.get(params.id, toActor(caller))),
    }),
  });

const replacePost = (posts: PostsService) =>
  route({
    method: 'put',
    path: '/posts/:id',
    summary: 'Replace all that a post says',
    tag: 'posts',
    auth: 'required',
    input: { params: postParams, body: postBody },
    responses: { 200: postView },
    errors: [PostNotFound, NotYourPost, PostChanged],
    handle: async ({ params, body, caller }) => ({
      status: 200,
      body: toPostView(await posts.replace(params.id, body, toActor(caller))),
    }),
  });

const updatePost = (posts: PostsService) =>
  route({
    method: 'patch',
    path: '/posts/:id',
    summary: 'Change a part of what a post says; a stock is set to what is to be had from now on',
    tag: 'posts',
    auth: 'required',
    input: { params: postParams, body: postPatch },
    responses: { 200: postView },
    errors: [PostNotFound, NotYourPost, PostChanged, OfferIncomplete],
    handle: async ({ params, body, caller }) => ({
      status: 200,
      body: toPostView(await posts.update(params.id, body, toActor(caller))),
    }),
  });

const deletePost = (posts: PostsService) =>
  route({
    method: 'delete',
    path: '/posts/:id',
    summary: 'Delete a post; orders that hold pieces of it go on',
    tag: 'posts',
    auth: 'required',
    input: { params: postParams },
    responses: { 204: null },
    errors: [PostNotFound, NotYourPost, PostChanged],
    handle: async ({ params, caller }) => {
      await posts.remove(params.id, toActor(caller));
      return { status: 204 };
    },
  });
