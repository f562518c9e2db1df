import { describe, test } from '@jest/globals';
import { readPactsOfProvider } from './pact-file.ts';
import { verifyPact, type ProviderUnderTest } from './pact-verifier.ts';

/**
 * Holds a provider to every committed pact that names it, a test for each consumer. `provider` is asked for when
 * the tests run, when the service is up.
 */
export function describeProvider(name: string, provider: () => ProviderUnderTest): void {
  describe(`${name} keeps what it promised`, () => {
    const pacts = readPactsOfProvider(name).map((file) => [file.pact.consumer.name, file] as const);
    test.each(pacts)('to %s', (_consumer, file) => verifyPact(file, provider()));
  });
}
