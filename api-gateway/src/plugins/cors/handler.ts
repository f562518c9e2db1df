import cors, { type CorsOptions } from 'cors';
import QuickLRU from 'quick-lru';
import { fromExpressMiddleware } from '../api/express-adapter.ts';
import type { PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';
import { LITERAL, schema, type CorsConfig } from './schema.ts';

/** The headers that the middleware sets. */
const CORS_HEADERS = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
] as const;

/** Allows cross-origin requests. The gateway answers preflights; other OPTIONS requests go to the service. */
export const corsPlugin: PluginDefinition<CorsConfig> = {
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
}: CorsConfig): CorsOptions {
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
