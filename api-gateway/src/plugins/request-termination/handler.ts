import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { rawHeaderName } from '../api/schema-fields.ts';
import type { PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';
import { queryParameter } from '../api/query-string.ts';

const schema = z
  .strictObject({
    status_code: z.int().min(200).max(599).default(503),
    message: z.string().optional().describe('The response is {"message": …}'),
    content_type: z
      .string()
      .regex(/^[\t\x20-\x7e]+$/, 'must be what can stand in a header')
      .optional(),
    body: z.string().optional().describe('The response body, unchanged'),
    echo: z.boolean().default(false).describe('Whether the response describes the request, for debugging'),
    trigger: rawHeaderName
      .optional()
      .describe('Only requests with this header or query argument are terminated'),
  })
  .superRefine(({ message, content_type, body, echo }, context) => {
    const report = (text: string) => context.addIssue(text);
    if (message !== undefined && (content_type !== undefined || body !== undefined))
      report('message cannot be used with content_type or body');
    if (content_type !== undefined && body === undefined) report('content_type needs a body');
    if (echo && (content_type !== undefined || body !== undefined))
      report('echo cannot be used with content_type or body');
  });

type Config = z.output<typeof schema>;

/** Sends a configured response; the service gets no request. */
export const requestTermination: PluginDefinition<Config> = {
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
  { status_code, message, content_type, body, echo }: Config,
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
