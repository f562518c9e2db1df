import cors, { type CorsOptions } from 'cors';
import QuickLRU from 'quick-lru';
import { z } from 'zod';
import { fromExpressMiddleware } from '../api/express-adapter.ts';
import type { PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';

const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'] as const;

/** Kong's rule: a text of these characters is an origin or a host, any other a regular expression. */
const LITERAL = /^[\w.:/-]+$/;

const origin = z.string().superRefine((text, context) => {
  if (text === '*') return;
  if (!LITERAL.test(text)) {
    if (compileRegex(text) === undefined) context.addIssue(`"${text}" is no regular expression`);
  } else if (text.includes('://') && URL.parse(text)?.origin !== text) {
    context.addIssue(`"${text}" is no origin: write https://shop.example, without a path`);
  }
});

/** A list, or a text with commas between the values, for environment variables. */
export const corsOrigins = z
  .union([z.array(z.string()), z.string().transform((list) => list.split(',').map((part) => part.trim()))])
  .pipe(z.array(origin));

const schema = z.strictObject({
  origins: corsOrigins
    .prefault(['*'])
    .describe('Allowed origins: *, origins, hosts, regular expressions; or one text with commas'),
  methods: z.array(z.enum(METHODS)).default([...METHODS]),
  headers: z
    .array(z.string())
    .optional()
    .describe('Headers that a page may send; by default those it asks for'),
  exposed_headers: z.array(z.string()).optional().describe('Headers that a page may read'),
  max_age: z.int().min(0).optional().describe('Seconds that a browser may cache the preflight response'),
  credentials: z.boolean().default(false),
  private_network: z.boolean().default(false),
  preflight_continue: z.boolean().default(false).describe('Whether the service answers preflights'),
  allow_origin_absent: z.boolean().default(true),
});

type Config = z.output<typeof schema>;

/** The headers that the middleware sets. */
const CORS_HEADERS = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
] as const;

/** Allows cross-origin requests. The gateway answers preflights; other OPTIONS requests go to the service. */
export const corsPlugin: PluginDefinition<Config> = {
  name: 'cors',
  priority: 2000,
  schema: schema.describe(
    'Allows cross-origin requests, by the package cors. The gateway answers preflights.',
  ),
  create: (config) => {
    const options = toCorsOptions(config);
    const preflight = fromExpressMiddleware(cors(options));
    const headersFor = createHeaderCache(options);
    return {
      access: (requestContext) => {
        const { headers } = requestContext.request;
        if (!isPreflight(requestContext)) {
          if (headers.origin !== undefined || config.allow_origin_absent)
            for (const [name, value] of headersFor(headers.origin))
              requestContext.responseHeaders.set(name, value);
          return undefined;
        }
        if (config.preflight_continue) return undefined;
        if (config.private_network && headers['access-control-request-private-network'] === 'true')
          requestContext.responseHeaders.set('Access-Control-Allow-Private-Network', 'true');
        return preflight(requestContext);
      },
      headerFilter: (requestContext, responseHead) => {
        if (isPreflight(requestContext)) return;
        // Only the gateway sets these headers: the service's values are removed.
        for (const name of CORS_HEADERS)
          if (!requestContext.responseHeaders.has(name)) responseHead.headers.remove(name);
      },
    };
  },
};

/** Origins whose headers are cached. */
const MAX_CACHED_ORIGINS = 1_000;

type Headers = readonly (readonly [name: string, value: string])[];

/** The middleware's headers for an origin. The middleware runs once for each origin. */
function createHeaderCache(options: CorsOptions): (origin: string | undefined) => Headers {
  const middleware = cors(options);
  const known = new QuickLRU<string | undefined, Headers>({ maxSize: MAX_CACHED_ORIGINS });
  return (origin) => {
    const remembered = known.get(origin);
    if (remembered !== undefined) return remembered;
    const set = new Map<string, string>();
    const response = {
      getHeader: (name: string) => set.get(name),
      setHeader: (name: string, value: string) => set.set(name, value),
      end: () => undefined,
    };
    middleware({ method: 'GET', headers: { origin } }, response, () => undefined);
    known.set(origin, [...set]);
    return [...set];
  };
}

function isPreflight({ request: { method, headers } }: RequestContext): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

function toCorsOptions({
  origins,
  methods,
  headers,
  exposed_headers,
  max_age,
  credentials,
}: Config): CorsOptions {
  const anyOrigin = origins.includes('*');
  return {
    // A response to a request with credentials must not carry `*`.
    origin: anyOrigin ? (credentials ? true : '*') : origins.map(toOriginMatcher),
    methods: [...methods],
    credentials,
    optionsSuccessStatus: 200,
    ...(headers === undefined ? {} : { allowedHeaders: headers }),
    ...(exposed_headers === undefined ? {} : { exposedHeaders: exposed_headers }),
    ...(max_age === undefined ? {} : { maxAge: max_age }),
  };
}

/** Kong's rule: a text without a colon matches the host alone, with any protocol and port. */
function toOriginMatcher(text: string): string | RegExp {
  if (LITERAL.test(text) && text.includes('://')) return text;
  const source = LITERAL.test(text)
    ? text.replaceAll('.', '\\.')
    : text.replace(/^\^/, '').replace(/\$$/, '');
  return text.includes(':')
    ? new RegExp(`^(?:${source})$`, 'i')
    : new RegExp(`^https?://(?:${source})(?::\\d+)?$`, 'i');
}

function compileRegex(source: string): RegExp | undefined {
  try {
    return new RegExp(source);
  } catch {
    return undefined;
  }
}
