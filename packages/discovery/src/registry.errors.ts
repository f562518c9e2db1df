import { Conflict, Unavailable, type UnavailableReason } from '@plaza/errors';

/** No registry answered, or the one that did cannot work just now. */
export class RegistryUnavailable extends Unavailable {
  static override readonly code = 'registry_unavailable';
  static override readonly title = 'Registry unavailable';
  static override readonly cause = 'No registry responded, or its response cannot be used.';
  static override readonly remedy =
    "Check REGISTRY_URL and the registry's /health; the last known instances are used meanwhile.";
  static override readonly reasons: readonly UnavailableReason[] = [
    'registry_not_configured',
    'dependency_down',
    'invalid_response',
  ];
}

/** The registry answered and will not have it: a wrong token, a bad name, a newer process under the same id. */
export class RegistryRefused extends Conflict {
  static override readonly code = 'registry_refused';
  static override readonly title = 'Refused by the registry';
  static override readonly cause =
    'The registry refused the request: a wrong token, an invalid name, or a newer process with the same instance id.';
  static override readonly remedy = 'Check REGISTRY_TOKEN and the name and id of the instance.';
}
