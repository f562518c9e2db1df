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
} as const;

export type CompetitorName = keyof typeof COMPETITOR_NAMES;

/** Those that do what the gateway does; the others only proxy. */
export const FULL_FEATURED: readonly CompetitorName[] = ['assembled', 'ours'];

export interface BenchEnvironment {
  /** The users service, which has the keys of the tokens as well. */
  readonly serviceUrl: string;
  readonly redisUrl: string;
}

const NEVER_REACHED = '1000000000/1m,1000000000/1h';

/** The gateway with everything on. */
export function startPlazaGateway(
  { serviceUrl, redisUrl }: BenchEnvironment,
  environment: Readonly<Record<string, string>> = {},
  options: MeasuredProcessOptions = {},
): Promise<MeasuredProcess> {
  return startMeasuredProcess(
    new URL('../../../api-gateway/src/main.ts', import.meta.url),
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

/** All of them, each in a process of its own. */
export async function startCompetitors(
  benchEnvironment: BenchEnvironment,
): Promise<Readonly<Record<CompetitorName, MeasuredProcess>>> {
  const environment = {
    NODE_ENV: 'production',
    TARGET: benchEnvironment.serviceUrl,
    REDIS_URL: benchEnvironment.redisUrl,
  };
  const bare = new URL('./http-proxy-middleware.ts', import.meta.url);
  return {
    default: await startMeasuredProcess(bare, environment),
    ejected: await startMeasuredProcess(bare, { ...environment, EJECT: 'yes' }),
    fastify: await startMeasuredProcess(new URL('./fastify-http-proxy.ts', import.meta.url), environment),
    assembled: await startMeasuredProcess(new URL('./express-baseline.ts', import.meta.url), environment),
    ours: await startPlazaGateway(benchEnvironment),
  };
}
