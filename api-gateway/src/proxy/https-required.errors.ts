import { Invalid } from '@plaza/errors';

/** The route is for HTTPS, and HTTP came. */
export class HttpsRequired extends Invalid {
  static override readonly code = 'upgrade_required';
  static override readonly title = 'Upgrade required';
}
