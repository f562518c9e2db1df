import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Where pacts are committed. */
export const PACTS_DIRECTORY = resolve(import.meta.dirname, '../../../pacts');

export interface PactParticipants {
  readonly consumer: string;
  readonly provider: string;
}

/** The name that Pact gives to the file of a pair. */
export function pactFileName({ consumer, provider }: PactParticipants): string {
  return `${consumer}-${provider}.json`;
}

const party = z.object({ name: z.string() });
const interaction = z.looseObject({
  type: z.string(),
  description: z.string(),
  providerStates: z.array(z.looseObject({ name: z.string() })).optional(),
});
const pact = z.object({
  consumer: party,
  provider: party,
  interactions: z.array(interaction),
  metadata: z.object({ pactSpecification: z.object({ version: z.string() }) }),
});

/** A pact without what changes from run to run and from release to release: the order, and Pact's own versions. */
export type Pact = z.output<typeof pact>;

/** Undefined where there is no such file. */
export function readPact(path: string): Pact | undefined {
  if (!existsSync(path)) return undefined;
  const { interactions, ...parties } = pact.parse(JSON.parse(readFileSync(path, 'utf8')));
  const rank = ({ type, description }: (typeof interactions)[number]) => `${type} ${description}`;
  return { ...parties, interactions: interactions.sort((a, b) => (rank(a) < rank(b) ? -1 : 1)) };
}

export interface PactFile {
  readonly path: string;
  readonly pact: Pact;
}

/** The committed pacts that name this provider. */
export function readPactsOfProvider(provider: string): PactFile[] {
  const paths = readdirSync(PACTS_DIRECTORY)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(PACTS_DIRECTORY, name));
  const files = paths.flatMap((path) => {
    const pact = readPact(path);
    return pact === undefined ? [] : [{ path, pact }];
  });
  return files.filter(({ pact }) => pact.provider.name === provider);
}
