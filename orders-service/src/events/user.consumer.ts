import { on, type EventConsumer } from '@plaza/messaging';
import { z } from 'zod';
import type { BuyerRepository } from '../domain/buyer.repository.ts';
import { toBuyerId } from '../domain/buyer.ts';
import type { AccountDeletionService } from '../domain/account-deletion.service.ts';

const named = z.object({ userId: z.string().min(1), name: z.string() });
const gone = z.object({ userId: z.string().min(1) });

/** Of the handler's 10 seconds; the reconciliation job does the rest for a user with more orders. */
const ERASE_TIMEOUT_MS = 8_000;

/** Keeps our copy of users. */
export function userConsumer(
  buyers: BuyerRepository,
  accountDeletion: AccountDeletionService,
): EventConsumer {
  const upsertBuyer = on(named, ({ data, seq }) =>
    buyers.upsert({ userId: toBuyerId(data.userId), name: data.name, seq }),
  );
  return {
    exchange: 'user_events',
    events: {
      'user.created': upsertBuyer,
      'user.updated': upsertBuyer,
      'user.deleted': on(gone, async ({ data, seq }, { signal }) => {
        await buyers.markDeleted({ userId: toBuyerId(data.userId), seq });
        await accountDeletion.eraseUserData(
          toBuyerId(data.userId),
          AbortSignal.any([signal, AbortSignal.timeout(ERASE_TIMEOUT_MS)]),
        );
      }),
    },
  };
}
