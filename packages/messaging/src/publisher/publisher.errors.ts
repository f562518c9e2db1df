import { Unavailable, type UnavailableReason } from '@plaza/errors';

/** The broker is away, rejects the message or does not confirm it. Whether the message has arrived is unknown. */
export class BrokerUnavailable extends Unavailable {
  static override readonly code = 'broker_unavailable';
  static override readonly title = 'The message broker is away';
  static override readonly cause = 'RabbitMQ is not connected, or did not confirm the message.';
  static override readonly remedy = 'Check RabbitMQ. Events wait in their outbox and are published later.';
  static override readonly reasons: readonly UnavailableReason[] = [
    'broker_disconnected',
    'broker_unconfirmed',
  ];
}
