import { on, type Consumer } from '@plaza/messaging';
import { z } from 'zod';
import type { BuyerRepository } from '../domain/buyer.repository.ts';
import { userId } from '../domain/buyer.ts';
import type { Erasure } from '../domain/erasure.ts';

const named = z.object({ userId: z.string().min(1), name: z.string() });
const gone = z.object({ userId: z.string().min(1) });

/** Of the handler's 10 seconds; somebody with more orders than that takes is left to the sweep. */
const ERASE_MS = 8_000;

/** Keeps our copy of users. */
export function userConsumer(buyers: BuyerRepository, erasure: Erasure): Consumer {
  const learn = on(named, ({ data, seq }) =>
    buyers.learn({ userId: userId(data.userId), name: data.name, seq }),
  );
  return {
    exchange: 'user_events',
    events: {
      'user.created': learn,
      'user.updated': learn,
      'user.deleted': on(gone, async ({ data, seq }, { signal }) => {
        await buyers.bury({ userId: userId(data.userId), seq });
        await erasure.erase(userId(data.userId), AbortSignal.any([signal, AbortSignal.timeout(ERASE_MS)]));
      }),
    },
  };
}
