import {
  startMeasuredProcess,
  type MeasuredProcessOptions,
  type MeasuredProcess,
} from '../process/measured-process.ts';

export const COMPETITOR_NAMES = {
  default: 'http-proxy-middleware',
  ejected: 'http-proxy-middleware, plugins ejected',
  fastify: '@fastify/http-proxy',
  assembled: 'assembled: Express and packages',
  ours: 'Plaza’s gateway',
  before: 'Plaza’s gateway, the other build',
} as const;

export type CompetitorName = keyof typeof COMPETITOR_NAMES;

/** What checks tokens, limits and logs as the gateway does; the others only proxy. */
const FULL_FEATURED: readonly CompetitorName[] = ['assembled', 'ours', 'before'];

export const isFullFeatured = (name: CompetitorName) => FULL_FEATURED.includes(name);

export interface BenchEnvironment {
  /** The users service, which publishes the keys of the tokens as well. */
  readonly serviceUrl: string;
  readonly redisUrl: string;
}

const NEVER_REACHED = '1000000000/1m,1000000000/1h';

/** Starts a build of the gateway with everything on. */
export function startGateway(
  main: URL,
  { serviceUrl, redisUrl }: BenchEnvironment,
  environment: Readonly<Record<string, string>> = {},
  options: MeasuredProcessOptions = {},
): Promise<MeasuredProcess> {
  return startMeasuredProcess(
    main,
    {
      NODE_ENV: 'production',
      SERVICE_SECRET: 'a secret of the bench alone, long enough',
      USERS_SERVICE_URL: serviceUrl,
      REDIS_URL: redisUrl,
      RATE_LIMIT_ANONYMOUS: NEVER_REACHED,
      RATE_LIMIT_USER: NEVER_REACHED,
      ADMIN_PORT: '0',
      ...environment,
    },
    options,
  );
}

/** Starts a proxy that is none of ours, or the assembled stack. */
export function startCompetitor(
  name: Exclude<CompetitorName, 'ours' | 'before'>,
  { serviceUrl, redisUrl }: BenchEnvironment,
): Promise<MeasuredProcess> {
  const environment = { NODE_ENV: 'production', TARGET: serviceUrl, REDIS_URL: redisUrl };
  const programs = {
    default: { file: './http-proxy-middleware.ts', own: {} },
    ejected: { file: './http-proxy-middleware.ts', own: { EJECT: 'yes' } },
    fastify: { file: './fastify-http-proxy.ts', own: {} },
    assembled: { file: './express-baseline.ts', own: {} },
  } as const;
  const { file, own } = programs[name];
  return startMeasuredProcess(new URL(file, import.meta.url), { ...environment, ...own });
}
