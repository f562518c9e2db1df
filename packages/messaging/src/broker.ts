import { randomUUID } from 'node:crypto';
import type { BaseConfig, Chassis, DependencyErrors } from '@plaza/service-kit';
import { isMongoOutage } from '@plaza/service-kit/mongo';
import { createReconnectingConnection } from './connection/reconnecting-connection.ts';
import type { EventConsumer } from './consumer/event-consumer.ts';
import { toConsumerOptions, type ConsumerOptions } from './consumer/consumer-options.ts';
import { subscribe, type Subscription } from './consumer/subscription.ts';
import { addBrokerHealth } from './health.ts';
import { createMessagingMetrics } from './metrics.ts';
import { createOutboxMetrics } from './outbox/outbox-metrics.ts';
import type { Outbox } from './outbox/outbox.ts';
import { createMessageRelay, type MessageRelay } from './outbox/message-relay.ts';
import { createDirectPublisher, type PublishEvent } from './publisher/direct-publisher.ts';
import { createEventPublisher } from './publisher/event-publisher.ts';
import { createPublisher } from './publisher/publisher.ts';
import { assertTopology } from './topology/assert-topology.ts';
import { toDeclarations } from './topology/declarations.ts';
import { parseTopology, type Topology } from './topology/topology.ts';

/** A service's connection to RabbitMQ. Publishers and consumers are declared before the service starts. */
export interface Broker {
  /** Publishes an outbox's events to an exchange, in the order of each aggregate. */
  relay(outbox: Outbox, to: { readonly exchange: string }): void;
  /** Consumes an exchange while the service is ready. */
  consume(consumer: EventConsumer): void;
  /** Publishes without an outbox: a crash between the change and the event loses the event. */
  publisher(exchange: string): PublishEvent;
  /** The validated topology that is declared at the start. */
  topology(): Topology;
}

export interface BrokerOptions {
  readonly url: string;
  readonly service: Chassis<BaseConfig>;
  /** Tells whether a handler's error means that a dependency of the service itself is away. Default: the database. */
  readonly dependencyErrors?: DependencyErrors;
  readonly now?: () => Date;
  readonly timing?: Partial<typeof TIMING>;
}

const TIMING = {
  /**
   * Milliseconds that the start waits for the broker. After that the service runs without it, and its outboxes store
   * the events.
   */
  startTimeoutMs: 5_000,
  /** Milliseconds until a missing confirm is an error. */
  confirmTimeoutMs: 5_000,
  /**
   * Milliseconds after which an entry counts as left behind by the process that committed it; longer than a confirm
   * may take.
   */
  graceMs: 7_500,
  /** Milliseconds between two sweeps for such entries. */
  sweepIntervalMs: 1_000,
};

/** Maximum number of unconfirmed messages: more would fill memory without more throughput. */
const MAX_IN_FLIGHT = 1_000;

export function createBroker({
  url,
  service,
  dependencyErrors = { 'The database': isMongoOutage },
  now = () => new Date(),
  timing,
}: BrokerOptions): Broker {
  const { logger, lifecycle, health, metrics: prometheus, config } = service;
  const name = config.SERVICE_NAME;
  const { startTimeoutMs, confirmTimeoutMs, graceMs, sweepIntervalMs } = { ...TIMING, ...timing };
  const metrics = createMessagingMetrics(prometheus.registry);
  const gauges = createOutboxMetrics(prometheus.registry, now);

  let topology = parseTopology({ publishes: [], consumes: [] });
  const relays: MessageRelay[] = [];
  const consumers: ConsumerOptions[] = [];
  let subscriptions: Subscription[] = [];
  let started = false;

  const reconnectingConnection = createReconnectingConnection({
    url,
    name,
    logger,
    prepare: (connection) => assertTopology(connection, toDeclarations(topology)),
  });
  const publisher = createPublisher({
    reconnectingConnection,
    logger,
    exchanges: () => topology.publishes,
    maxInFlight: MAX_IN_FLIGHT,
    confirmTimeoutMs,
  });
  const events = createEventPublisher({ publisher, metrics, logger });

  function declare({ publishes = [], consumes = [] }: Partial<Topology>) {
    if (started) throw new Error('Declare publishers and consumers before the service starts.');
    topology = parseTopology({
      publishes: [...new Set([...topology.publishes, ...publishes])],
      consumes: [...topology.consumes, ...consumes],
    });
  }

  publisher.onReady(() => {
    for (const relay of relays) void relay.sweepAll();
  });

  lifecycle.add({
    name: 'rabbitmq',
    start: async (signal) => {
      started = true;
      const { promise: canPublish, resolve } = Promise.withResolvers<void>();
      publisher.onReady(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (await reconnectingConnection.open(signal, startTimeoutMs)) await canPublish;
    },
    onReady: async () => {
      for (const relay of relays) relay.start();
      subscriptions = consumers.map((settings) =>
        subscribe({
          consumer: settings,
          reconnectingConnection,
          publisher,
          logger,
          metrics,
          dependencyErrors,
          now,
        }),
      );
    },
    onStopped: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
      await Promise.all(relays.map((relay) => relay.stop()));
    },
    close: async () => {
      await publisher.stop();
      await reconnectingConnection.close();
    },
  });
  addBrokerHealth(health, reconnectingConnection, () => subscriptions);

  return {
    relay: (outbox, { exchange }) => {
      declare({ publishes: [exchange] });
      gauges.watch(outbox.store.name, outbox.store.stats);
      relays.push(
        createMessageRelay({
          outbox,
          exchange,
          source: name,
          events,
          logger,
          now,
          graceMs,
          sweepIntervalMs,
        }),
      );
    },
    consume: (consumer) => {
      const settings = toConsumerOptions(consumer, name);
      declare({ consumes: [settings.queueTopology] });
      consumers.push(settings);
    },
    publisher: (exchange) => {
      declare({ publishes: [exchange] });
      return createDirectPublisher({ exchange, source: name, events, now, newId: randomUUID });
    },
    topology: () => topology,
  };
}
