export { createBroker } from './broker.ts';
export type { Broker, BrokerOptions } from './broker.ts';
export { HandlerTimeout } from './consumer/handler-timeout.ts';
export { on } from './consumer/event-consumer.ts';
export type { EventConsumer, EventHandler, HandleEvent, HandlerContext } from './consumer/event-consumer.ts';
export { deliverTestEvent } from './consumer/test-delivery.ts';
export { envelopeSchema } from './envelope.ts';
export type { Envelope } from './envelope.ts';
export { createMessageBroker } from './message-broker.ts';
export type { MessageBroker, SubscribeToEvents } from './message-broker.ts';
export { toEnvelope } from './outbox/outbox-entry.ts';
export type { OutboxEntry } from './outbox/outbox-entry.ts';
export { createOutbox } from './outbox/outbox.ts';
export type {
  AggregateVersion,
  CommitListener,
  Outbox,
  OutboxOptions,
  DocumentUpdate,
} from './outbox/outbox.ts';
export { addOutboxFields } from './outbox/outbox-schema.ts';
export type { OutboxDocument } from './outbox/outbox-schema.ts';
export type { EventContract, PublishedEvent } from './event-contract.ts';
export { BrokerUnavailable } from './publisher/publisher.errors.ts';
export type { PublishEvent } from './publisher/direct-publisher.ts';
export { TopologyMismatch } from './topology/topology-mismatch.ts';
export { retryQueue } from './topology/retry-queues.ts';
export { deadLetterQueue, InvalidTopology } from './topology/topology.ts';
export type { Topology } from './topology/topology.ts';
