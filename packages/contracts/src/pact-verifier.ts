import { Verifier } from '@pact-foundation/pact';
import type { Envelope } from '@plaza/messaging';
import { parseMismatches } from './mismatches.ts';
import type { Pact, PactFile } from './pact-file.ts';

/** Brings a provider into the state that an interaction is given, from whatever state it is in. */
type StateHandler = () => Promise<void>;

export interface ProviderUnderTest {
  /** Where the service listens; needed where a consumer calls it. */
  readonly url?: string;
  readonly states?: Readonly<Record<string, StateHandler>>;
  /** By type of event: lets it happen, and answers what is published then. */
  readonly events?: Readonly<Record<string, () => Promise<readonly Envelope[]>>>;
}

/** @throws with a line for each thing that the provider does otherwise than a pact says. */
export async function verifyPact({ path, pact }: PactFile, provider: ProviderUnderTest): Promise<void> {
  const { url, states = {}, events = {} } = provider;
  assertStateHandlers(pact, states);
  const troubles: unknown[] = [];
  const verifier = new Verifier({
    ...(url === undefined ? {} : { providerBaseUrl: url }),
    provider: pact.provider.name,
    pactUrls: [path],
    stateHandlers: mapValues(states, (arrange) => recordErrors(troubles, arrange)),
    messageProviders: mapValues(events, (happen, type) =>
      recordErrors(troubles, () => findPublishedEvent(type, happen)),
    ),
    logLevel: 'error',
  });
  const mismatches = await verifier.verifyProvider().then(
    () => [],
    (error: unknown) => parseMismatches(error),
  );
  const problems = [...troubles.map(String), ...mismatches];
  if (problems.length === 0) return;
  throw new AggregateError(troubles, `${pact.consumer.name} would break:\n${problems.join('\n')}`);
}

/** Pact only warns of a provider state without a handler. */
function assertStateHandlers({ interactions }: Pact, states: object): void {
  const given = interactions.flatMap(({ providerStates = [] }) => providerStates.map(({ name }) => name));
  const missing = [...new Set(given)].filter((state) => !Object.hasOwn(states, state));
  if (missing.length > 0) throw new Error(`Nothing arranges this: ${missing.join(', ')}.`);
}

async function findPublishedEvent(
  type: string,
  happen: () => Promise<readonly Envelope[]>,
): Promise<Envelope> {
  const told = await happen();
  const event = told.find(({ eventType }) => eventType === type);
  if (event !== undefined) return event;
  const others = told.map(({ eventType }) => eventType).join(', ') || 'nothing';
  throw new Error(`${type} was to be published, and was not: ${others}.`);
}

/** Pact goes on with what a handler throws: this keeps it. */
function recordErrors<Result>(troubles: unknown[], work: () => Promise<Result>) {
  return async (): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      troubles.push(error);
      throw error;
    }
  };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From, key: string) => To) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
