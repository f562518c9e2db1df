import { parseArgs } from 'node:util';
import { BenchUsageError } from '../usage-error.ts';

export interface GatewayBenchOptions {
  readonly mode: 'compare' | 'profile' | 'soak' | 'workers';
  /** A checkout whose gateway is measured beside this one's. */
  readonly against: string | undefined;
  /** The builds alone, without the other competitors. */
  readonly only: boolean;
  readonly chart: boolean;
  /** How often all processes are started anew; each start has its own warm-up and its own rounds. */
  readonly starts: number;
  readonly rounds: number;
  /** Different tokens of a turn. */
  readonly tokens: number;
  /** Requests with each token in a turn. */
  readonly times: number;
  /** Requests before the first turn. */
  readonly warmUp: number;
  /** Tokens of a turn in which each is seen once; 0 leaves these turns out. */
  readonly freshTokens: number;
}

export const USAGE = `Usage: npm run bench -- gateway [options]
  --against DIR      measure the gateway of another checkout as well, and print the ratio of the two
  --only             with --against: these two builds alone
  --starts N         how often all processes are started anew (1)
  --rounds N         turns of each competitor after a start (5)
  --tokens N         different tokens of a turn (1000)
  --times N          requests with each token in a turn (20)
  --warm-up N        requests before the first turn (30000)
  --fresh-tokens N   tokens of a turn in which each is seen once (4000); 0: no such turns
  --chart            write docs/gateway-bench.svg
  --profile          where the gateway's CPU time goes; with --against, that of both builds
  --soak             memory over a million requests
  --workers          two workers beside one
`;

const SPECIFICATION = {
  against: { type: 'string' },
  only: { type: 'boolean', default: false },
  starts: { type: 'string', default: '1' },
  rounds: { type: 'string', default: '5' },
  tokens: { type: 'string', default: '1000' },
  times: { type: 'string', default: '20' },
  'warm-up': { type: 'string', default: '30000' },
  'fresh-tokens': { type: 'string', default: '4000' },
  chart: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
  soak: { type: 'boolean', default: false },
  workers: { type: 'boolean', default: false },
} as const;

/** @throws {BenchUsageError} where they contradict each other or one is unknown or no number */
export function parseGatewayBenchOptions(args: readonly string[]): GatewayBenchOptions {
  const values = parseValues(args);
  const modes = (['profile', 'soak', 'workers'] as const).filter((mode) => values[mode]);
  const [mode = 'compare'] = modes;
  if (modes.length > 1) throw usageError(`--${modes.join(' and --')} exclude each other.`);
  if (values.only && values.against === undefined)
    throw usageError('--only needs --against DIR: it measures two builds alone.');
  if (values.against !== undefined && (mode === 'soak' || mode === 'workers'))
    throw usageError(`--${mode} measures this build alone: leave out --against.`);
  if (values.chart && (mode !== 'compare' || values.only))
    throw usageError('--chart needs a run with all competitors.');
  return {
    mode,
    against: values.against,
    only: values.only,
    chart: values.chart,
    starts: parseCount('starts', values.starts, 1),
    rounds: parseCount('rounds', values.rounds, 1),
    tokens: parseCount('tokens', values.tokens, 1),
    times: parseCount('times', values.times, 1),
    warmUp: parseCount('warm-up', values['warm-up'], 1),
    freshTokens: parseCount('fresh-tokens', values['fresh-tokens'], 0),
  };
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: SPECIFICATION }).values;
  } catch (error) {
    throw usageError(Error.isError(error) ? error.message : String(error));
  }
}

function parseCount(name: string, text: string, least: number): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < least || text.trim() === '')
    throw usageError(`--${name} takes a whole number from ${least} on, not "${text}".`);
  return count;
}

const usageError = (sentence: string) => new BenchUsageError(`${sentence}\n\n${USAGE}`);
