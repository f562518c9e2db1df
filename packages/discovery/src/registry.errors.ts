import { Conflict, Unavailable } from '@plaza/errors';

/** No registry answered, or the one that did cannot work just now. */
export class RegistryUnavailable extends Unavailable {
  static override readonly code = 'registry_unavailable';
  static override readonly title = 'Registry unavailable';
}

/** The registry answered and will not have it: a wrong token, a bad name, a newer process under the same id. */
export class RegistryRefused extends Conflict {
  static override readonly code = 'registry_refused';
  static override readonly title = 'Refused by the registry';
}
