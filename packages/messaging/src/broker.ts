import { randomUUID } from 'node:crypto';
import type { BaseConfig, Chassis, Outages } from '@plaza/service-kit';
import { isMongoOutage } from '@plaza/service-kit/mongo';
import { createLink } from './connection/link.ts';
import type { Consumer } from './consumer/consumer.ts';
import { settingsOf, type ConsumerSettings } from './consumer/settings.ts';
import { subscribe, type Subscription } from './consumer/subscription.ts';
import { addBrokerHealth } from './health.ts';
import { createMessagingMetrics } from './metrics.ts';
import { createOutboxGauges } from './outbox/gauges.ts';
import type { Outbox } from './outbox/outbox.ts';
import { createRelay, type Relay } from './outbox/relay.ts';
import { directPublisher, type PublishEvent } from './publisher/direct.ts';
import { createEventPublisher } from './publisher/event-publisher.ts';
import { createPublisher } from './publisher/publisher.ts';
import { assertTopology } from './topology/assert.ts';
import { declarationsOf } from './topology/declarations.ts';
import { parseTopology, type Topology } from './topology/topology.ts';

/** A service's side of RabbitMQ. What it publishes and consumes is declared before the service starts. */
export interface Broker {
  /** Publishes what an outbox holds to an exchange, in the order of each aggregate. */
  relay(outbox: Outbox, to: { readonly exchange: string }): void;
  /** Reads an exchange: from when the service is ready, until it stops. */
  consume(consumer: Consumer): void;
  /** Publishes without an outbox: what a crash between the change and the event may lose. */
  publisher(exchange: string): PublishEvent;
  /** All that is declared at start, validated. */
  topology(): Topology;
}

export interface BrokerOptions {
  readonly url: string;
  readonly service: Chassis<BaseConfig>;
  /** Errors by which a handler says that a dependency of the service's own is away. Default: the database. */
  readonly outages?: Outages;
  readonly now?: () => Date;
  readonly timing?: Partial<typeof TIMING>;
}

const TIMING = {
  /** Milliseconds that the start waits for the broker. After that the service works without: its outboxes hold. */
  patienceMs: 5_000,
  /** Milliseconds that the broker has to confirm a message. */
  confirmTimeoutMs: 5_000,
  /** Longer than a confirmation may take: what waits so long has been left by the process that committed it. */
  graceMs: 7_500,
  /** Milliseconds between two looks for what was left. */
  sweepEveryMs: 1_000,
};

/** Messages that wait for the broker's confirmation at a time; more than that fill nothing but memory. */
const MAX_IN_FLIGHT = 1_000;

export function createBroker({
  url,
  service,
  outages = { 'The database': isMongoOutage },
  now = () => new Date(),
  timing,
}: BrokerOptions): Broker {
  const { logger, lifecycle, health, metrics: prometheus, config } = service;
  const name = config.SERVICE_NAME;
  const { patienceMs, confirmTimeoutMs, graceMs, sweepEveryMs } = { ...TIMING, ...timing };
  const metrics = createMessagingMetrics(prometheus.registry);
  const gauges = createOutboxGauges(prometheus.registry, now);

  let topology = parseTopology({ publishes: [], consumes: [] });
  const relays: Relay[] = [];
  const consumers: ConsumerSettings[] = [];
  let subscriptions: Subscription[] = [];
  let started = false;

  const link = createLink({
    url,
    name,
    logger,
    prepare: (connection) => assertTopology(connection, declarationsOf(topology)),
  });
  const publisher = createPublisher({
    link,
    logger,
    exchanges: () => topology.publishes,
    maxInFlight: MAX_IN_FLIGHT,
    confirmTimeoutMs,
  });
  const events = createEventPublisher({ publisher, metrics, logger });

  function declare({ publishes = [], consumes = [] }: Partial<Topology>) {
    if (started) throw new Error('What a service publishes and consumes is declared before it starts.');
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
      if (await link.open(signal, patienceMs)) await canPublish;
    },
    announce: async () => {
      for (const relay of relays) relay.start();
      subscriptions = consumers.map((settings) =>
        subscribe({ settings, link, publisher, logger, metrics, outages, now }),
      );
    },
    settle: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
      await Promise.all(relays.map((relay) => relay.stop()));
    },
    close: async () => {
      await publisher.stop();
      await link.close();
    },
  });
  addBrokerHealth(health, link, () => subscriptions);

  return {
    relay: (outbox, { exchange }) => {
      declare({ publishes: [exchange] });
      gauges.watch(outbox.waiting.name, outbox.waiting.level);
      relays.push(
        createRelay({ outbox, exchange, source: name, events, logger, now, graceMs, sweepEveryMs }),
      );
    },
    consume: (consumer) => {
      const settings = settingsOf(consumer, name);
      declare({ consumes: [settings.declared] });
      consumers.push(settings);
    },
    publisher: (exchange) => {
      declare({ publishes: [exchange] });
      return directPublisher({ exchange, source: name, events, now, newId: randomUUID });
    },
    topology: () => topology,
  };
}
