import { startChild, type ChildOptions, type MeasuredChild } from '../process/child.ts';

export const NAMES = {
  default: 'http-proxy-middleware',
  ejected: 'http-proxy-middleware, plugins ejected',
  fastify: '@fastify/http-proxy',
  assembled: 'assembled: Express and packages',
  ours: 'Plaza’s gateway',
} as const;

export type Name = keyof typeof NAMES;

/** Those that do what the gateway does; the others only proxy. */
export const WITH_DUTIES: readonly Name[] = ['assembled', 'ours'];

export interface Around {
  /** The users service, which has the keys of the tokens as well. */
  readonly serviceUrl: string;
  readonly redisUrl: string;
}

const NEVER_REACHED = '1000000000/1m,1000000000/1h';

/** The gateway with everything on. */
export function startOurs(
  { serviceUrl, redisUrl }: Around,
  environment: Readonly<Record<string, string>> = {},
  options: ChildOptions = {},
): Promise<MeasuredChild> {
  return startChild(
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
export async function startContenders(around: Around): Promise<Readonly<Record<Name, MeasuredChild>>> {
  const environment = { NODE_ENV: 'production', TARGET: around.serviceUrl, REDIS_URL: around.redisUrl };
  const bare = new URL('./http-proxy-middleware.ts', import.meta.url);
  return {
    default: await startChild(bare, environment),
    ejected: await startChild(bare, { ...environment, EJECT: 'yes' }),
    fastify: await startChild(new URL('./fastify-http-proxy.ts', import.meta.url), environment),
    assembled: await startChild(new URL('./assembled.ts', import.meta.url), environment),
    ours: await startOurs(around),
  };
}
