import type { LoadRequest } from '../load/load-generator.ts';
import type { MeasureOptions } from '../load/measure.ts';
import { isFullFeatured, type CompetitorName } from './competitors.ts';
import type { GatewayBenchOptions } from './options.ts';

/** Requests a second; below what the slowest of the competitors can do. */
const PACE = 600;
const PACED_MS = 3_000;
const CONNECTIONS = 32;
/** Milliseconds a request of the competitors takes together with its token's signature; an estimate for the progress. */
const EXPECTED_MS = { request: 0.2, signature: 0.8 };

/** One kind of load, sent to all that take part in turns. */
export interface Scenario {
  readonly title: string;
  readonly names: readonly CompetitorName[];
  readonly rounds: number;
  /** For the progress: about how long one turn takes. */
  readonly turnMs: number;
  /** The load of a turn; a round sends the same to each competitor. */
  load(round: string): MeasureOptions;
}

/** `count` requests, each with a token of its own; the same ones for the same prefix. */
export type TokenRequests = (count: number, prefix: string) => readonly LoadRequest[];

/** The load with tokens that come again and again; a process has compiled all of it after some 30,000 requests. */
export function knownTokens({ tokens }: GatewayBenchOptions, requests: TokenRequests) {
  return (times: number): MeasureOptions => ({
    requests: [...requests(tokens, 'known')],
    connections: CONNECTIONS,
    times,
  });
}

/** All loads in the order in which a start of the competitors gets them; those without a title only warm up. */
export function createScenarios(
  names: readonly CompetitorName[],
  options: GatewayBenchOptions,
  requests: TokenRequests,
): Scenario[] {
  const { rounds, tokens, times, warmUp, freshTokens, only } = options;
  const known = knownTokens(options, requests);
  const once = (count: number, prefix: string): MeasureOptions => ({
    ...known(1),
    requests: [...requests(count, prefix)],
  });
  const duration = (count: number) => count * EXPECTED_MS.request;
  const warmUpTimes = Math.ceil(warmUp / tokens);
  const steady: Scenario[] = [
    { title: '', names, rounds: 1, turnMs: duration(warmUp), load: () => known(warmUpTimes) },
    {
      title: `${CONNECTIONS} connections as fast as they can, ${tokens} tokens in use`,
      names,
      rounds,
      turnMs: duration(tokens * times),
      load: () => known(times),
    },
  ];
  const paced: Scenario = {
    title: `${PACE} requests a second to each, ${tokens} tokens in use`,
    names,
    rounds: Math.ceil(rounds / 2),
    turnMs: PACED_MS,
    load: () => ({ ...known(1), perSecond: PACE, milliseconds: PACED_MS }),
  };
  const full = names.filter(isFullFeatured);
  const signing = (count: number) => duration(count) + (count * EXPECTED_MS.signature) / full.length;
  const fresh: Scenario[] = [
    { title: '', names: full, rounds: 1, turnMs: signing(warmUp), load: () => once(warmUp, 'warm-up') },
    {
      title: `${CONNECTIONS} connections as fast as they can, each token seen once`,
      names: full,
      rounds,
      turnMs: signing(freshTokens),
      load: (round) => once(freshTokens, `fresh-${round}`),
    },
  ];
  return [...steady, ...(only ? [] : [paced]), ...(freshTokens === 0 ? [] : fresh)];
}
