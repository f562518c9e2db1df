import type { ServiceResponse, ServiceClient } from '@plaza/service-client';
import { isPlazaError } from '@plaza/errors';
import { z } from 'zod';
import { toBuyerId } from '../domain/buyer.ts';
import { CatalogueUnavailable } from '../domain/product-catalog.errors.ts';
import type { ProductCatalog, ProductListing } from '../domain/product-catalog.ts';

/** What we read of a post; it has more. */
const post = z.object({
  title: z.string(),
  status: z.enum(['draft', 'published']),
  authorId: z.string().min(1),
  offer: z
    .object({ price: z.object({ amount: z.int().min(0), currency: z.string().regex(/^[A-Z]{3}$/) }) })
    .optional(),
});

/** Asks the posts service for titles and prices, as this service and under a deadline for all of it. */
export function createPostsClient(posts: Pick<ServiceClient, 'request'>): ProductCatalog {
  return {
    findListing: async (postId) => {
      const path = `/posts/${encodeURIComponent(postId)}`;
      return posts
        .request({ method: 'GET', path, as: 'service' })
        .then(toListing)
        .catch(throwCatalogUnavailable);
    },
  };
}

/** @throws where the answer says nothing about the post. */
function toListing({ status, data }: ServiceResponse): ProductListing {
  if (status === 404 || status === 400) return { kind: 'unknown' };
  if (status !== 200) throw new Error(`posts-service answered ${status}`);
  const { title, status: visibility, authorId, offer } = post.parse(data);
  if (visibility !== 'published' || offer === undefined) return { kind: 'not-for-sale' };
  return { kind: 'offer', title, price: offer.price, sellerId: toBuyerId(authorId) };
}

function throwCatalogUnavailable(cause: unknown): never {
  const retryAfter = (isPlazaError(cause) ? cause.details.retryAfter : undefined) ?? 2;
  // What is no error of the call itself is a response that says nothing of the post.
  const reason = (isPlazaError(cause) ? cause.details.reason : undefined) ?? 'invalid_response';
  throw new CatalogueUnavailable(
    'Prices cannot be asked for right now, so nothing was ordered; try again in a moment.',
    { reason, retryAfter, dependency: 'posts-service', cause },
  );
}
