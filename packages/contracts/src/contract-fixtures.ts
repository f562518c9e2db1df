import { createServiceTokens, type ServiceTokens } from '@plaza/service-kit';

/**
 * What both sides of a contract run with. A service's token that stands in a pact is a genuine one by this, and
 * the provider that is asked with it checks it as ever.
 */
export const CONTRACT_FIXTURES = {
  serviceSecret: 'a secret of the contracts',
  now: () => new Date('2026-01-01T00:00:00Z'),
} as const;

/** The tokens of a service in a contract: the same in each run. */
export function createContractTokens(service: string): ServiceTokens {
  return createServiceTokens(service, CONTRACT_FIXTURES.serviceSecret, () =>
    CONTRACT_FIXTURES.now().getTime(),
  );
}
