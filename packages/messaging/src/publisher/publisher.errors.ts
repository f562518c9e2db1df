import { Unavailable } from '@plaza/errors';

/** The broker is away, rejects the message or does not confirm it. Whether the message has arrived is unknown. */
export class BrokerUnavailable extends Unavailable {
  static override readonly code = 'broker_unavailable';
  static override readonly title = 'The message broker is away';
}
