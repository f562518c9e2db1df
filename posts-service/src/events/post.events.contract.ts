import type { EventContract } from '@plaza/messaging';
import { z } from 'zod';
import type { PostEvent } from '../domain/post.events.ts';

const price = z.strictObject({ amount: z.int().min(0), currency: z.string().length(3) });
const deleted = z.strictObject({ postId: z.string(), authorId: z.string() });
const post = deleted.extend({
  title: z.string(),
  status: z.enum(['draft', 'published']),
  tags: z.array(z.string()),
  offer: z.strictObject({ price, stock: z.int().min(0) }).optional(),
});

const lamp = {
  postId: '6b0390cf4f88f0abc8c334a0',
  authorId: '6b038f7e4f88f0abc8c3349f',
  title: 'A lamp',
  status: 'published',
  tags: ['light'],
  offer: { price: { amount: 1250, currency: 'EUR' }, stock: 3 },
};

export const postEvents: EventContract<PostEvent> = {
  exchange: 'post_events',
  source: 'posts-service',
  events: {
    'post.created': { summary: 'A post was written, as a draft or for all.', data: post, example: lamp },
    'post.updated': {
      summary: 'Its author changed it. Orders change the stock without this event.',
      data: post,
      example: { ...lamp, title: 'A brass lamp' },
    },
    'post.deleted': {
      summary: 'A post is gone.',
      data: deleted,
      example: { postId: lamp.postId, authorId: lamp.authorId },
    },
  },
};
