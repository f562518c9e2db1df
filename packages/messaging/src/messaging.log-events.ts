import { logEvent } from '@plaza/errors';

const EVENT_FIELDS = { eventId: 'id of the event', eventType: 'type of the event' } as const;

export const messageDeadLettered = logEvent({
  event: 'message_dead_lettered',
  level: 'error',
  message: 'A message was moved to the dead-letter queue; see npm run dlq',
  fields: {
    queue: 'queue that it came from',
    reason: 'why: invalid_message, handler_failed and so on, as in the metric',
    ...EVENT_FIELDS,
    error: 'the last failure',
  },
});

export const messageRetryScheduled = logEvent({
  event: 'message_retry_scheduled',
  level: 'warn',
  message: 'A handler failed; the message waits in a retry queue and is delivered again',
  fields: {
    queue: 'queue of the consumer',
    ...EVENT_FIELDS,
    afterMs: 'milliseconds until the next delivery',
    error: 'what failed',
  },
});

export const messageWaitsForDependency = logEvent({
  event: 'message_waits_for_dependency',
  level: 'warn',
  message: 'A dependency is not available; the message waits and no retry is counted',
  fields: {
    queue: 'queue of the consumer',
    dependency: 'name of the dependency',
    reason: 'message of the failure',
  },
});

export const messageRepublishFailed = logEvent({
  event: 'message_republish_failed',
  level: 'error',
  message: 'A message cannot be published again; the broker dead-letters it',
  fields: { queue: 'queue of the consumer', error: 'why it cannot be encoded' },
});

export const messageHandlingBroken = logEvent({
  event: 'message_handling_broken',
  level: 'error',
  message: 'The handling of a message broke: a defect; the message is delivered again',
  fields: { queue: 'queue of the consumer', error: 'the defect' },
});

export const queueDeclarationFailed = logEvent({
  event: 'queue_declaration_failed',
  level: 'error',
  message: 'A queue is missing and cannot be declared',
  fields: { queue: 'queue of the consumer', error: 'what the broker said' },
});

export const eventUnroutable = logEvent({
  event: 'event_unroutable',
  level: 'info',
  message: 'No queue is bound for an event; logged once for each type',
  fields: { exchange: 'exchange', event_type: 'type of the event' },
});

export const eventPublishFailed = logEvent({
  event: 'event_publish_failed',
  level: 'error',
  message: 'An event cannot be published: a defect; it stays in its outbox',
  fields: {
    eventId: 'id of the event',
    aggregateId: 'aggregate whose outbox holds the event',
    error: 'what failed',
  },
});

export const outboxPublishDeferred = logEvent({
  event: 'outbox_publish_deferred',
  level: 'warn',
  message: 'The events of an aggregate stay in its outbox; the next sweep publishes them',
  fields: { outbox: 'collection', aggregateId: 'aggregate whose outbox holds them', error: 'what failed' },
});

export const outboxSweepFailed = logEvent({
  event: 'outbox_sweep_failed',
  level: 'warn',
  message: 'An outbox cannot be read; the next sweep tries again',
  fields: { outbox: 'collection', error: 'the first failure' },
});

export const channelLost = logEvent({
  event: 'rabbitmq_channel_lost',
  level: 'warn',
  message: 'A channel to RabbitMQ closed; another one is opened',
  fields: { channel: 'what it is for: publisher, or a queue', reason: 'why it closed' },
});

export const rabbitmqConnected = logEvent({
  event: 'rabbitmq_connected',
  level: 'info',
  message: 'The connection to RabbitMQ is open',
  fields: {},
});

export const rabbitmqRestored = logEvent({
  event: 'rabbitmq_restored',
  level: 'info',
  message: 'The connection to RabbitMQ is back',
  fields: {},
});

export const rabbitmqLost = logEvent({
  event: 'rabbitmq_lost',
  level: 'warn',
  message: 'The connection to RabbitMQ is lost; the client reconnects until it is back',
  fields: { reason: 'message of the first failure' },
});

export const rabbitmqWaiting = logEvent({
  event: 'rabbitmq_waiting',
  level: 'warn',
  message: 'RabbitMQ cannot be reached yet; the client tries again until it can',
  fields: { reason: 'message of the first failure' },
});

export const rabbitmqTopologyMismatch = logEvent({
  event: 'rabbitmq_topology_mismatch',
  level: 'warn',
  message: 'RabbitMQ is back with other queues or exchanges than declared; the client tries again',
  fields: { reason: 'what differs' },
});

export const rabbitmqBlocked = logEvent({
  event: 'rabbitmq_blocked',
  level: 'warn',
  message: 'RabbitMQ blocks publishers (memory or disk alarm); events wait in their outboxes',
  fields: { reason: 'what RabbitMQ said' },
});

export const rabbitmqUnblocked = logEvent({
  event: 'rabbitmq_unblocked',
  level: 'info',
  message: 'RabbitMQ accepts messages again',
  fields: {},
});

export const rabbitmqListenerFailed = logEvent({
  event: 'rabbitmq_listener_failed',
  level: 'error',
  message: 'A listener of the RabbitMQ connection threw: a defect',
  fields: { error: 'the defect' },
});
