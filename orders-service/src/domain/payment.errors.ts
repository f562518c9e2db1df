import { Unprocessable } from '@plaza/errors';

/** The payment token is none that the payment provider gave out. */
export class UnknownPaymentToken extends Unprocessable {
  static override readonly code = 'unknown_payment_token';
  static override readonly title = 'Unknown payment token';
  static override readonly cause = 'The payment provider did not issue this token.';
  static override readonly remedy =
    'Use a token of the provider; the sandbox has tok_ok, tok_declined and tok_slow.';

  constructor() {
    super('The payment provider does not know this token.', {
      fields: [{ path: 'payment.token', message: 'is not known' }],
    });
  }
}
