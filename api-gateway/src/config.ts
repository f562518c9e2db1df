import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { discoveryConfig } from '@plaza/discovery';
import { baseConfig, flag, port, secret, url } from '@plaza/service-kit';
import { z } from 'zod';
import { loadConfigFile } from './kong-config/load-config-file.ts';
import type { PluginDefinitions } from './kong-config/plugin-configs.ts';
import { isLoopback } from './control/admin/admin-server.ts';
import { corsOrigins } from './plugins/cors/handler.ts';
import { STANDARD_PLUGINS } from './plugins/index.ts';
import type { CustomPlugins } from './plugins/custom-plugins.ts';
import { limitsSchema } from './plugins/rate-limiting/parse-limits.ts';

/** The configuration that comes along. */
export const DEFAULT_CONFIG_FILE = fileURLToPath(new URL('../gateway.yml', import.meta.url));

type Environment = Readonly<Record<string, string | undefined>>;

/** What the file that comes along refers to, as `{vault://env/NAME}`, where the environment does not say it. */
const VAULT_DEFAULTS = {
  JWKS_URL: 'http://users-service/.well-known/jwks.json',
  REVOCATIONS_URL: 'http://users-service/auth/revocations',
  CORS_ORIGINS: '*',
  RATE_LIMIT_ANONYMOUS: '100/15m',
  RATE_LIMIT_USER: '100/1m,1000/1h',
} as const;

/** What files may refer to. A variable that is empty counts as not set. */
export function vaultEnvironment(environment: Environment): Environment {
  return {
    ...VAULT_DEFAULTS,
    ...Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')),
  };
}

/** A file of Kong's format, read at the start so that its mistakes stand beside those of the environment. */
const configFileSchema = (kinds: PluginDefinitions, environment: Environment) =>
  z
    .string()
    .default(DEFAULT_CONFIG_FILE)
    .transform((path, context) => {
      const options = { kinds, environment: vaultEnvironment(environment) };
      const { loaded, mistakes } = loadConfigFile(path, options);
      if (loaded !== undefined) return { path, ...options, ...loaded };
      for (const mistake of mistakes) context.addIssue(`${path}: ${mistake}`);
      return z.NEVER;
    });

/** A text that a plugin will read: its mistakes are told with those of the environment. */
const textValidatedBy = (schema: z.ZodType) =>
  z.string().superRefine((text, context) => {
    for (const { message } of schema.safeParse(text).error?.issues ?? []) context.addIssue(message);
  });

const milliseconds = (defaultValue: number) =>
  z.coerce.number().int().min(1).max(3_600_000).default(defaultValue);

const NO_CUSTOM_PLUGINS: CustomPlugins = { kinds: [], mistakes: [] };

const environmentSchema = (customPlugins: CustomPlugins, environment: Environment) =>
  z.object({
    ...baseConfig(3000, 'api-gateway'),
    ...discoveryConfig,
    REDIS_URL: url('redis', 'rediss').default('redis://localhost:6379'),
    USERS_SERVICE_URL: url('http', 'https').optional(),
    POSTS_SERVICE_URL: url('http', 'https').optional(),
    ORDERS_SERVICE_URL: url('http', 'https').optional(),
    /** What services sign their own tokens with: the gateway asks the users service which logins have ended. */
    SERVICE_SECRET: secret('plaza-development-secret'),
    GATEWAY_CONFIG: configFileSchema([...STANDARD_PLUGINS, ...customPlugins.kinds], environment),
    /** A folder of plugins of one's own: docs/plugins.md. */
    GATEWAY_PLUGINS: z
      .string()
      .optional()
      .superRefine((_folder, context) => {
        for (const mistake of customPlugins.mistakes) context.addIssue(mistake);
      }),
    /** Milliseconds between two looks at the file; 0 for never. */
    GATEWAY_CONFIG_WATCH_MS: z.coerce.number().int().min(0).max(3_600_000).default(1_000),
    ADMIN_HOST: z.string().default('127.0.0.1'),
    ADMIN_PORT: port(8_001),
    ADMIN_TOKEN: z.string().min(16).optional(),
    /** Whether /metrics is answered on the public port as well. */
    PUBLIC_METRICS: flag(false),
    /** Where the keys of users' tokens are; a host without a port is a name in the registry. */
    JWKS_URL: url('http', 'https').default(VAULT_DEFAULTS.JWKS_URL),
    /** Where the users service tells which logins have ended. */
    REVOCATIONS_URL: url('http', 'https').default(VAULT_DEFAULTS.REVOCATIONS_URL),
    CORS_ORIGINS: textValidatedBy(corsOrigins).default(VAULT_DEFAULTS.CORS_ORIGINS),
    RATE_LIMIT_ANONYMOUS: textValidatedBy(limitsSchema).default(VAULT_DEFAULTS.RATE_LIMIT_ANONYMOUS),
    RATE_LIMIT_USER: textValidatedBy(limitsSchema).default(VAULT_DEFAULTS.RATE_LIMIT_USER),
    /** Processes that share the port; `auto` for one a core. */
    GATEWAY_WORKERS: z
      .literal('auto')
      .transform(() => availableParallelism())
      .or(z.coerce.number().int().min(1).max(256))
      .default(1),
    UPSTREAM_CONNECT_MS: milliseconds(1_000),
    UPSTREAM_HEADERS_MS: milliseconds(15_000),
    UPSTREAM_IDLE_MS: milliseconds(60_000),
    CLIENT_IDLE_MS: milliseconds(30_000),
    CIRCUIT_FAILURES: z.coerce.number().int().min(1).max(1_000_000).default(5),
    CIRCUIT_RESET_MS: milliseconds(10_000),
    /** None: an upload may take as long as it moves (UPSTREAM_IDLE_MS). */
    REQUEST_TIMEOUT_MS: z.coerce.number().int().min(0).max(3_600_000).default(0),
  });

/**
 * @param customPlugins the plugins of which the file may have entries, besides those that come along.
 * @param environment which the file may refer to.
 */
export const createConfigSchema = (
  customPlugins = NO_CUSTOM_PLUGINS,
  environment: Environment = process.env,
) =>
  environmentSchema(customPlugins, environment).refine(
    ({ NODE_ENV, ADMIN_HOST, ADMIN_TOKEN }) =>
      NODE_ENV !== 'production' || isLoopback(ADMIN_HOST) || ADMIN_TOKEN !== undefined,
    {
      path: ['ADMIN_TOKEN'],
      error: 'is required in production: at ADMIN_HOST others than this machine reach the Admin API',
    },
  );

export type GatewayConfig = z.output<ReturnType<typeof createConfigSchema>>;
