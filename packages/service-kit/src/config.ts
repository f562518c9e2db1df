import { z } from 'zod';

/** The exit status of a service whose configuration is wrong (sysexits.h: EX_CONFIG). */
export const EXIT_CONFIG = 78;

/** Every mistake in the environment at once, one a line: fixing them one start at a time costs an evening. */
export class ConfigError extends Error {
  readonly issues: readonly string[];

  constructor(issues: readonly string[]) {
    super(
      `The environment has ${issues.length} mistake(s):\n${issues.map((line) => `  ${line}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

/** A TCP port; 0 takes any free one. */
export const port = (standard: number) => z.coerce.number().int().min(0).max(65_535).default(standard);

/** An absolute URL of one of the given schemes, e.g. `url('redis', 'rediss')`. */
export const url = (...schemes: string[]) =>
  z.url({
    protocol: new RegExp(`^(${schemes.join('|')})$`),
    error: `expected a URL of ${schemes.join(' or ')}://`,
  });

/** A MongoDB's address. Not a `url`: that of a replica set names several hosts. */
export const mongoUri = z
  .string()
  .regex(/^mongodb(\+srv)?:\/\/[^/]/, 'expected a URI of mongodb:// or mongodb+srv://');

/** `true`, `1`, `yes` or `on`, and their opposites. */
export const flag = (standard: boolean) => z.stringbool().default(standard);

/**
 * A secret with a default that makes the first start easy. Under NODE_ENV=production the default is a
 * mistake, as is anything under 16 characters.
 */
export const secret = (developmentDefault: string) =>
  z.string().min(16).default(developmentDefault).meta({ developmentDefault });

/** What every service reads. A service's own schema is `z.object({ ...baseConfig(3001, 'users-service'), … })`. */
export const baseConfig = (standardPort: number, name: string) => ({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().default('0.0.0.0'),
  PORT: port(standardPort),
  SERVICE_NAME: z.string().default(name),
  SERVICE_VERSION: z.string().default('1.0.0'),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty']).optional(),
  LOG_FILE: z.string().optional(),
  /** How many reverse proxies stand in front and append to X-Forwarded-For. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** Milliseconds in which the headers of a request must have arrived. */
  HEADERS_TIMEOUT_MS: z.coerce.number().int().min(1).max(3_600_000).default(10_000),
  /** Milliseconds in which a request must have arrived in full; 0 for no such limit. */
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(0).max(3_600_000).default(60_000),
  /** Milliseconds between saying "draining" and closing, so that callers can look elsewhere. */
  DRAIN_MS: z.coerce.number().int().min(0).max(60_000).default(2_000),
  /** Milliseconds after which a stop that does not end by itself is forced. */
  STOP_DEADLINE_MS: z.coerce.number().int().min(100).max(600_000).default(10_000),
});

export type BaseConfig = z.output<z.ZodObject<ReturnType<typeof baseConfig>>>;

/**
 * Parses the environment. A variable that is set but empty counts as not set, as compose writes it.
 * @throws {ConfigError} that lists every mistake.
 */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  const issues = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${formatIssue(issue, set)}`),
    ...(set['NODE_ENV'] === 'production' ? findDefaultSecrets(schema, set) : []),
  ];
  if (!parsed.success || issues.length > 0) throw new ConfigError(issues);
  return parsed.data;
}

function formatIssue(
  issue: z.core.$ZodIssue,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const missing = issue.code === 'invalid_type' && environment[issue.path.join('.')] === undefined;
  return missing ? 'is required and not set' : issue.message;
}

function findDefaultSecrets(
  schema: z.ZodObject,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const developmentDefault = z.globalRegistry.get(field)?.['developmentDefault'];
    if (developmentDefault === undefined) return [];
    const value = environment[name] ?? developmentDefault;
    return value === developmentDefault
      ? [
          `${name}: is the development default, which everyone knows; set one of your own (openssl rand -hex 32)`,
        ]
      : [];
  });
}
