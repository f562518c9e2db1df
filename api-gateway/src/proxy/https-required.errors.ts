import { Invalid } from '@plaza/errors';

/** An HTTP request for a route that allows HTTPS alone. */
export class HttpsRequired extends Invalid {
  static override readonly code = 'upgrade_required';
  static override readonly title = 'Upgrade required';
  static override readonly cause = 'The route accepts HTTPS only, and the request came over HTTP.';
  static override readonly remedy = 'Use https.';
}
