import { pageOf, pageQuery } from '@plaza/service-kit';
import { z } from 'zod';
import { LONGEST, MOST_AMOUNT, MOST_STOCK, MOST_TAGS, type Offer, type Post } from '../domain/post.ts';
import type { SignedPost } from '../domain/posts.service.ts';

const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not hold control characters');

/** No control characters but line breaks and tabs, and no halves of characters. */
const text = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, 'must not hold control characters');

const title = line(LONGEST.title).meta({ example: 'Red bicycle' });
const content = text(LONGEST.content).meta({ example: 'Nearly new, 28 inches.' });

const tag = line(LONGEST.tag).toLowerCase().meta({ example: 'sport' });
const tags = z
  .array(tag)
  .max(MOST_TAGS)
  .transform((list) => [...new Set(list)]);

const status = z.enum(['draft', 'published']);

/** ISO 4217, as the runtime's own tables (ICU) have it. */
const currencies = new Set(Intl.supportedValuesOf('currency'));

const price = z
  .strictObject({
    amount: z.int().min(1).max(MOST_AMOUNT).meta({ description: 'Minor units', example: 1250 }),
    currency: z
      .string()
      .refine((code) => currencies.has(code), 'is no currency of ISO 4217')
      .meta({ example: 'EUR' }),
  })
  .meta({ id: 'Money' });

const stock = z.int().min(0).max(MOST_STOCK);

const offer = z
  .strictObject({
    price,
    stock: stock.meta({ description: 'Pieces to be had from now on, besides what is reserved for orders' }),
  })
  .meta({ id: 'Offer' });

/** Any text is an id that might exist: what is none of ours is simply not found. */
export const postParams = z.strictObject({ id: z.string() });

export const newPostBody = z
  .strictObject({
    title,
    content,
    tags: tags.default([]),
    status: status.default('published'),
    offer: offer.optional(),
  })
  .meta({ id: 'NewPost' });

export const postBody = z
  .strictObject({
    title,
    content,
    tags: tags.default([]),
    status,
    offer: offer.optional().meta({ description: 'Without it the post is no offer any more' }),
  })
  .meta({ id: 'PostReplacement' });

export const postPatch = z
  .strictObject({
    title: title.optional(),
    content: content.optional(),
    tags: tags.optional(),
    status: status.optional(),
    offer: z
      .strictObject({ price: price.optional(), stock: stock.optional() })
      .refine((changes) => Object.keys(changes).length > 0, 'name price or stock')
      .nullable()
      .optional()
      .meta({ description: 'A part of the offer; null withdraws it' }),
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
const offerView = z.strictObject({ price, stock: stock.meta({ description: 'Pieces to be had now' }) });
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

export const postsView = pageOf(postView);

type PostView = z.input<typeof postView>;

export function showPost(post: Post): PostView {
  const { id, title, content, tags, status, authorId, offer, createdAt, updatedAt } = post;
  return {
    id,
    _id: id,
    title,
    content,
    tags: [...tags],
    status,
    authorId,
    ...(offer === undefined ? {} : { offer: showOffer(offer) }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export function showSigned({ post, author }: SignedPost): PostView {
  return author === undefined
    ? { ...showPost(post), author: { id: post.authorId }, partial: true }
    : { ...showPost(post), author: { ...author } };
}

function showOffer({ price, stock }: Offer): NonNullable<PostView['offer']> {
  return { price: { ...price }, stock };
}
