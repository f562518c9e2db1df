import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { registryConfig } from '@plaza/discovery';
import { baseConfig, url } from '@plaza/service-kit';
import { z } from 'zod';
import { readDeclaration } from './declaration/read-declaration.ts';
import { limits } from './plugins/rate-limiting/limit.ts';

const STANDARD_FILE = fileURLToPath(new URL('../gateway.yml', import.meta.url));

/** A file of Kong's format, read at the start so that its mistakes stand beside those of the environment. */
const declarationFile = z
  .string()
  .default(STANDARD_FILE)
  .transform((file, context) => {
    const { declaration, mistakes } = readFile(file);
    if (declaration !== undefined) return declaration;
    for (const mistake of mistakes) context.addIssue(`${file}: ${mistake}`);
    return z.NEVER;
  });

function readFile(file: string): ReturnType<typeof readDeclaration> {
  try {
    return readDeclaration(readFileSync(file, 'utf8'));
  } catch (error) {
    return { mistakes: [`cannot be read: ${Error.isError(error) ? error.message : String(error)}`] };
  }
}

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

export const configSchema = z.object({
  ...baseConfig(3000, 'api-gateway'),
  ...registryConfig,
  REDIS_URL: url('redis', 'rediss').default('redis://localhost:6379'),
  USERS_SERVICE_URL: url('http', 'https').optional(),
  POSTS_SERVICE_URL: url('http', 'https').optional(),
  ORDERS_SERVICE_URL: url('http', 'https').optional(),
  /** Where the keys of users' tokens are; a host without a port is a name in the registry. */
  JWKS_URL: url('http', 'https').default('http://users-service/.well-known/jwks.json'),
  GATEWAY_CONFIG: declarationFile,
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

export type GatewayConfig = z.output<typeof configSchema>;
