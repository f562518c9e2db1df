import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { discoveryConfig } from '@plaza/discovery';
import { baseConfig, flag, port, secret, url } from '@plaza/service-kit';
import { z } from 'zod';
import { loadConfigFile } from './kong-config/load-config-file.ts';
import type { PluginDefinitions } from './kong-config/plugin-configs.ts';
import { isLoopback } from './control/admin/admin-server.ts';
import { corsOrigins } from './plugins/cors/schema.ts';
import { STANDARD_PLUGINS } from './plugins/index.ts';
import type { CustomPlugins } from './plugins/custom-plugins.ts';
import { limitsSchema } from './plugins/rate-limiting/parse-limits.ts';

/** The configuration that is used unless GATEWAY_CONFIG names another file. */
export const DEFAULT_CONFIG_FILE = fileURLToPath(new URL('../gateway.yml', import.meta.url));

type Environment = Readonly<Record<string, string | undefined>>;

/** Defaults of the variables that a configuration file refers to as `{vault://env/NAME}`. */
const VAULT_DEFAULTS = parseEnv(readFileSync(new URL('../gateway.env', import.meta.url), 'utf8'));

/** The variables that a configuration file may refer to. An empty variable counts as not set. */
export function vaultEnvironment(environment: Environment): Environment {
  return {
    ...VAULT_DEFAULTS,
    ...Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')),
  };
}

/** The variable that holds the address of `<name>-service`, for a service of which the registry has no instance. */
type ServiceUrlVariable = `${string}_SERVICE_URL`;

const SERVICE_URL_VARIABLE = /^[A-Z][A-Z0-9_]*_SERVICE_URL$/;

/** A field for each `<NAME>_SERVICE_URL` of the environment, so that its mistakes are reported with all others. */
function serviceUrlFields(environment: Environment): Record<ServiceUrlVariable, z.ZodOptional<z.ZodURL>> {
  const names = Object.keys(environment).filter((name) => SERVICE_URL_VARIABLE.test(name));
  return Object.fromEntries(names.map((name) => [name, url('http', 'https').optional()]));
}

/** `USERS_SERVICE_URL` for `users-service`; undefined where it is not set, and for a name that does not end so. */
export function serviceUrl(
  config: Readonly<Record<ServiceUrlVariable, string | undefined>>,
  service: string,
): string | undefined {
  const [, name] = /^([a-z0-9-]+)-service$/.exec(service) ?? [];
  return name && config[`${name.toUpperCase().replaceAll('-', '_')}_SERVICE_URL`];
}

/** A file in Kong's format. It is read here, so that its mistakes are reported with those of the environment. */
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

/** A text that a plugin parses. Its mistakes are reported with those of the environment. */
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
    ...serviceUrlFields(environment),
    /** Signs the tokens of calls between services, such as the gateway's poll of revoked logins. */
    SERVICE_SECRET: secret('plaza-development-secret'),
    GATEWAY_CONFIG: configFileSchema([...STANDARD_PLUGINS, ...customPlugins.kinds], environment),
    /** A folder of custom plugins: docs/plugins.md. */
    GATEWAY_PLUGINS: z
      .string()
      .optional()
      .superRefine((_folder, context) => {
        for (const mistake of customPlugins.mistakes) context.addIssue(mistake);
      }),
    /** Milliseconds between two checks whether the file has changed; 0 for never. */
    GATEWAY_CONFIG_WATCH_MS: z.coerce.number().int().min(0).max(3_600_000).default(1_000),
    ADMIN_HOST: z.string().default('127.0.0.1'),
    ADMIN_PORT: port(8_001),
    ADMIN_TOKEN: z.string().min(16).optional(),
    /** Whether the public port serves /metrics too. */
    PUBLIC_METRICS: flag(false),
    // gateway.yml refers to the next five: gateway.env has their defaults.
    /** The public keys of access tokens. A host without a port is a name in the registry. */
    JWKS_URL: url('http', 'https').optional(),
    /** The list of revoked logins. */
    REVOCATIONS_URL: url('http', 'https').optional(),
    CORS_ORIGINS: textValidatedBy(corsOrigins).optional(),
    RATE_LIMIT_ANONYMOUS: textValidatedBy(limitsSchema).optional(),
    RATE_LIMIT_USER: textValidatedBy(limitsSchema).optional(),
    /** Processes that share the port; `auto` for one per core. */
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
    /** 0 for no limit: an upload may take any time while it makes progress (UPSTREAM_IDLE_MS). */
    REQUEST_TIMEOUT_MS: z.coerce.number().int().min(0).max(3_600_000).default(0),
  });

/**
 * @param customPlugins plugins that the file may use besides the standard ones.
 * @param environment the variables that the file may refer to.
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
      error: 'is required in production: at ADMIN_HOST other machines reach the Admin API',
    },
  );

export type GatewayConfig = z.output<ReturnType<typeof createConfigSchema>>;
