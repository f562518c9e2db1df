import { singleLineText, pageSchema, pageQuery, multiLineText } from '@plaza/service-kit';
import { z } from 'zod';
import { MAX_LENGTHS, MAX_TAGS, type Post } from '../domain/post.ts';
import type { PostWithAuthor } from '../domain/posts.service.ts';
import { offerBody, offerPatch, offerView, toOfferView } from './offer.schemas.ts';

const title = singleLineText(MAX_LENGTHS.title).meta({ example: 'Red bicycle' });
const content = multiLineText(MAX_LENGTHS.content).min(1).meta({ example: 'Nearly new, 28 inches.' });

const tag = singleLineText(MAX_LENGTHS.tag).toLowerCase().meta({ example: 'sport' });
const tags = z
  .array(tag)
  .max(MAX_TAGS)
  .transform((list) => [...new Set(list)]);

const status = z.enum(['draft', 'published']);

/** Any text is an id that might exist: what is none of ours is simply not found. */
export const postParams = z.strictObject({ id: z.string() });

export const newPostBody = z
  .strictObject({
    title,
    content,
    tags: tags.default([]),
    status: status.default('published'),
    offer: offerBody.optional(),
  })
  .meta({ id: 'NewPost' });

export const postBody = z
  .strictObject({
    title,
    content,
    tags: tags.default([]),
    status,
    offer: offerBody.optional().meta({ description: 'Without it the post is no offer any more' }),
  })
  .meta({ id: 'PostReplacement' });

export const postPatch = z
  .strictObject({
    title: title.optional(),
    content: content.optional(),
    tags: tags.optional(),
    status: status.optional(),
    offer: offerPatch.optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, 'name at least one field to change')
  .meta({ id: 'PostChanges' });

export const postsQuery = z.strictObject({
  ...pageQuery.shape,
  author: z.string().min(1).max(100).optional().meta({ description: "An author's id" }),
  tag: tag.optional(),
  status: status.optional(),
  q: z.string().trim().min(1).max(200).optional().meta({ description: 'Words; the best match comes first' }),
});

const authorView = z.strictObject({
  id: z.string(),
  name: z.string().optional(),
  email: z
    .string()
    .optional()
    .meta({ description: 'For the author, for administrators and for services only' }),
});

const postFields = {
  id: z.string().meta({ example: '6745c1f2a4b8d91e3c7f5a02' }),
  _id: z.string().meta({ description: 'The same as id' }),
  title: z.string(),
  content: z.string(),
  tags: z.array(z.string()),
  status,
  authorId: z.string(),
};
const times = { createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() };

export const postView = z
  .strictObject({
    ...postFields,
    author: authorView.optional(),
    partial: z
      .literal(true)
      .optional()
      .meta({ description: 'The author cannot be known now: author has an id and nothing else' }),
    offer: offerView.optional(),
    ...times,
  })
  .meta({ id: 'Post' });

export const postsView = pageSchema(postView);

type PostView = z.input<typeof postView>;

export function toPostView(post: Post): PostView {
  const { id, title, content, tags, status, authorId, offer, createdAt, updatedAt } = post;
  return {
    id,
    _id: id,
    title,
    content,
    tags: [...tags],
    status,
    authorId,
    ...(offer === undefined ? {} : { offer: toOfferView(offer) }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export function toPostWithAuthorView({ post, author }: PostWithAuthor): PostView {
  return author === undefined
    ? { ...toPostView(post), author: { id: post.authorId }, partial: true }
    : { ...toPostView(post), author: { ...author } };
}
