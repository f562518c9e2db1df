import { logEvent } from '@plaza/errors';

export const refundDeferred = logEvent({
  event: 'refund_deferred',
  level: 'warn',
  message: 'A refund failed; the reconciliation job tries it again',
  fields: { orderId: 'id of the order', error: 'what failed' },
});

export const userErasureFailed = logEvent({
  event: 'user_erasure_failed',
  level: 'warn',
  message: 'The data of a deleted user could not be erased; the reconciliation job tries again',
  fields: { error: 'what failed' },
});

export const orderReconciliationFailed = logEvent({
  event: 'order_reconciliation_failed',
  level: 'warn',
  message: 'An order could not be reconciled; the next run of the job tries again',
  fields: { orderId: 'id of the order', error: 'what failed' },
});

export const orderStreamPollFailed = logEvent({
  event: 'order_stream_poll_failed',
  level: 'warn',
  message: 'The changes of followed orders could not be read; the next poll tries again',
  fields: { error: 'what failed' },
});
