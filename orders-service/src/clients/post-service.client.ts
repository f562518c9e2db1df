import { BulkheadFull, CircuitOpen, type Breaker, type Bulkhead } from '@plaza/resilience';
import { currentContext, REQUEST_ID, type ServiceTokens } from '@plaza/service-kit';
import { create, isAxiosError, type AxiosResponse } from 'axios';
import { z } from 'zod';
import { userId } from '../domain/buyer.ts';
import { CatalogueUnavailable } from '../domain/catalogue.errors.ts';
import type { Catalogue, Listing } from '../domain/catalogue.ts';
import type { Locate } from '@plaza/discovery';

export interface PostServiceClientOptions {
  /** Chooses an instance, other than those which were tried already; undefined where there is none. */
  readonly locate: Locate;
  readonly tokens: Pick<ServiceTokens, 'issue'>;
  readonly breaker: Breaker;
  readonly bulkhead: Bulkhead;
  /** Milliseconds for one post. Default 5,000. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
const MOST_BYTES = 1_048_576;
/** A crashed instance costs one call: the second goes to another. */
const MOST_ATTEMPTS = 2;

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
export function createPostServiceClient(options: PostServiceClientOptions): Catalogue {
  const { locate, tokens, breaker, bulkhead, timeoutMs = TIMEOUT_MS } = options;
  const http = create({
    maxContentLength: MOST_BYTES,
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
  });

  async function ask(path: string): Promise<AxiosResponse<unknown>> {
    const late = AbortSignal.timeout(timeoutMs);
    const tried: string[] = [];
    for (;;) {
      const url = locate(tried);
      if (url === undefined) throw new Error('no instance of posts-service is known');
      tried.push(url);
      try {
        return await http.get<unknown>(`${url}${path}`, { signal: late, headers: await headers() });
      } catch (error) {
        const unanswered = isAxiosError(error) && !late.aborted;
        if (!unanswered || tried.length >= MOST_ATTEMPTS || locate(tried) === undefined) throw error;
      }
    }
  }

  async function headers(): Promise<Record<string, string>> {
    const context = currentContext();
    return {
      Authorization: `Bearer ${await tokens.issue()}`,
      ...(context === undefined ? {} : { [REQUEST_ID]: context.requestId }),
      ...(context?.traceparent === undefined ? {} : { traceparent: context.traceparent }),
    };
  }

  return {
    find: async (postId) => {
      try {
        return await bulkhead.run(() =>
          breaker.run(async () => listingOf(await ask(`/posts/${encodeURIComponent(postId)}`))),
        );
      } catch (error) {
        throw unavailable(error);
      }
    },
  };
}

/** @throws where the answer says nothing about the post. */
function listingOf({ status, data }: AxiosResponse<unknown>): Listing {
  if (status === 404 || status === 400) return { kind: 'unknown' };
  if (status !== 200) throw new Error(`posts-service answered ${status}`);
  const { title, status: visibility, authorId, offer } = post.parse(data);
  if (visibility !== 'published' || offer === undefined) return { kind: 'not-for-sale' };
  return { kind: 'offer', title, price: offer.price, sellerId: userId(authorId) };
}

function unavailable(cause: unknown): CatalogueUnavailable {
  const known = cause instanceof CircuitOpen || cause instanceof BulkheadFull;
  return new CatalogueUnavailable(
    'Prices cannot be asked for right now, so nothing was ordered; try again in a moment.',
    { retryAfter: (known ? cause.details.retryAfter : undefined) ?? 2, cause },
  );
}
