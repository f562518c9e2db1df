import { Unprocessable } from '@plaza/errors';

/** The payment token is none that the payment provider gave out. */
export class UnknownPaymentToken extends Unprocessable {
  static override readonly code = 'unknown_payment_token';
  static override readonly title = 'Unknown payment token';

  constructor() {
    super('The payment provider does not know this token.', {
      fields: [{ path: 'payment.token', message: 'is not known' }],
    });
  }
}
