import { fileURLToPath } from 'node:url';
import { registryConfig } from '@plaza/discovery';
import { baseConfig, url } from '@plaza/service-kit';
import { z } from 'zod';
import { readDeclarationFile } from './declaration/declaration-file.ts';
import type { Kinds } from './declaration/plugin-configs.ts';
import { STANDARD_PLUGINS } from './plugins/index.ts';
import { limits } from './plugins/rate-limiting/limit.ts';

const STANDARD_FILE = fileURLToPath(new URL('../gateway.yml', import.meta.url));

/** A file of Kong's format, read at the start so that its mistakes stand beside those of the environment. */
const declarationFile = (kinds: Kinds) =>
  z
    .string()
    .default(STANDARD_FILE)
    .transform((path, context) => {
      const { read, mistakes } = readDeclarationFile(path, { kinds });
      if (read !== undefined) return { path, kinds, ...read };
      for (const mistake of mistakes) context.addIssue(`${path}: ${mistake}`);
      return z.NEVER;
    });

/** `*`, or origins with commas between: `https://shop.example,http://localhost:5173`. */
const origins = z
  .string()
  .default('*')
  .transform((list) => list.split(',').map((origin) => origin.trim()))
  .pipe(
    z.array(
      z.string().refine((origin) => origin === '*' || URL.parse(origin)?.origin === origin, {
        error: ({ input }) => `"${String(input)}" is no origin: write https://shop.example, without a path`,
      }),
    ),
  );

const milliseconds = (standard: number) => z.coerce.number().int().min(1).max(3_600_000).default(standard);

/** @param kinds the plugins that the file may have entries of. */
export const configSchemaWith = (kinds: Kinds) =>
  z.object({
    ...baseConfig(3000, 'api-gateway'),
    ...registryConfig,
    REDIS_URL: url('redis', 'rediss').default('redis://localhost:6379'),
    USERS_SERVICE_URL: url('http', 'https').optional(),
    POSTS_SERVICE_URL: url('http', 'https').optional(),
    ORDERS_SERVICE_URL: url('http', 'https').optional(),
    /** Where the keys of users' tokens are; a host without a port is a name in the registry. */
    JWKS_URL: url('http', 'https').default('http://users-service/.well-known/jwks.json'),
    GATEWAY_CONFIG: declarationFile(kinds),
    CORS_ORIGINS: origins,
    RATE_LIMIT_ANONYMOUS: limits('100/15m'),
    RATE_LIMIT_USER: limits('100/1m,1000/1h'),
    UPSTREAM_CONNECT_MS: milliseconds(1_000),
    UPSTREAM_HEADERS_MS: milliseconds(15_000),
    UPSTREAM_IDLE_MS: milliseconds(60_000),
    CLIENT_IDLE_MS: milliseconds(30_000),
    CIRCUIT_FAILURES: z.coerce.number().int().min(1).max(1_000_000).default(5),
    CIRCUIT_RESET_MS: milliseconds(10_000),
    /** None: an upload may take as long as it moves (UPSTREAM_IDLE_MS). */
    REQUEST_TIMEOUT_MS: z.coerce.number().int().min(0).max(3_600_000).default(0),
  });

export const configSchema = configSchemaWith(STANDARD_PLUGINS);

export type GatewayConfig = z.output<typeof configSchema>;
