import { Unavailable } from '@plaza/errors';

/** The broker is away, refuses, or owes its confirmation: whether the message arrived is not known. */
export class BrokerUnavailable extends Unavailable {
  static override readonly code = 'broker_unavailable';
  static override readonly title = 'The message broker is away';
}
