import { describe, test } from '@jest/globals';
import { pactsWith } from './pact-file.ts';
import { verify, type Provider } from './verification.ts';

/**
 * Holds a provider to every committed pact that names it, a test for each consumer. `provider` is asked for when
 * the tests run, when the service is up.
 */
export function describeProvider(name: string, provider: () => Provider): void {
  describe(`${name} keeps what it promised`, () => {
    const pacts = pactsWith(name).map((file) => [file.pact.consumer.name, file] as const);
    test.each(pacts)('to %s', (_consumer, file) => verify(file, provider()));
  });
}
