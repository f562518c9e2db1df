import { STATUS_CODES } from 'node:http';
import type { PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';
import { queryParameter } from '../api/query-string.ts';
import { schema, type RequestTerminationConfig } from './schema.ts';

/** Sends a configured response; the service gets no request. */
export const requestTermination: PluginDefinition<RequestTerminationConfig> = {
  name: 'request-termination',
  priority: 2,
  schema: schema.describe('Sends a configured response; the service gets no request.'),
  create: (config, { secretNames }) => ({
    access: (requestContext) => {
      if (config.trigger !== undefined && !isTriggered(requestContext, config.trigger)) return;
      sendResponse(requestContext, config, secretNames);
    },
  }),
};

function isTriggered({ request, upstreamQuery }: RequestContext, trigger: string): boolean {
  return (
    request.headers[trigger.toLowerCase()] !== undefined ||
    queryParameter(upstreamQuery, trigger) !== undefined
  );
}

function sendResponse(
  requestContext: RequestContext,
  { status_code, message, content_type, body, echo }: RequestTerminationConfig,
  secretNames: ReadonlySet<string>,
): void {
  const { response } = requestContext;
  response.status(status_code);
  if (body !== undefined) {
    response.setHeader('Content-Type', content_type ?? 'application/json; charset=utf-8');
    response.end(body);
    return;
  }
  const words = message ?? STATUS_CODES[status_code] ?? 'No answer';
  response.json(
    echo
      ? { message: words, ...toEcho(requestContext, secretNames) }
      : { error: STATUS_CODES[status_code], message: words },
  );
}

const CREDENTIAL_HEADERS = new Set(['authorization', 'cookie']);

/** The request as it arrived, without its body and its credentials. */
function toEcho(
  { request, path, upstreamQuery, route, service, headers }: RequestContext,
  secretNames: ReadonlySet<string>,
): object {
  const shown = (named: Iterable<[name: string, value: unknown]>) =>
    Object.fromEntries(
      [...named].filter(([name]) => !CREDENTIAL_HEADERS.has(name) && !secretNames.has(name.toLowerCase())),
    );
  return {
    request: {
      scheme: request.protocol,
      host: request.hostname,
      method: request.method,
      path,
      query: shown(new URLSearchParams(upstreamQuery)),
      headers: shown(Object.entries(headers)),
    },
    matched_route: { name: route.name },
    ...(service === undefined ? {} : { matched_service: { name: service.name } }),
  };
}
