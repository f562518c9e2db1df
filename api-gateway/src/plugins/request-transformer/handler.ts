import { normalisePath } from '../../util/normalise-path.ts';
import type { PluginDefinition } from '../api/plugin.ts';
import type { UpstreamHeaders, RequestContext } from '../api/request-context.ts';
import type { UpstreamResponseHead } from '../api/response.ts';
import { formatQuery } from '../api/query-string.ts';
import { queryValues } from '../transform/query-values.ts';
import {
  identityNormalizer,
  selectOperations,
  compileTransform,
  type Transform,
  type NamedValues,
} from '../transform/operations.ts';
import { headerNormalizer } from '../transform/header-operations.ts';
import { createRequestBodyTransform } from '../transform/request-body.ts';
import { compileTemplate } from '../transform/template.ts';
import { schema, type RequestTransformerConfig } from './schema.ts';

/** Changes the upstream request. */
export const requestTransformer: PluginDefinition<RequestTransformerConfig> = {
  name: 'request-transformer',
  priority: 801,
  schema: schema.describe(
    'Changes the upstream request, in this order: remove, rename, replace, add, append. Values are `NAME:VALUE`; a value may be a template with `$(uri_captures[1])`, `$(uri_captures["name"])`, `$(headers["name"])` or `$(query_params["name"])`. If bodies must be changed, the gateway buffers bodies of type `application/json` (objects) and `application/x-www-form-urlencoded`; invalid JSON gets 400, a compressed body or one that is not UTF-8 gets 415. All other bodies are streamed unread.',
  ),
  create: (config, { clientIdleMs }) => {
    const headers = compileTransform(selectOperations(config, 'headers'), headerNormalizer);
    const query = compileTransform(selectOperations(config, 'querystring'), identityNormalizer);
    const body = createRequestBodyTransform(selectOperations(config, 'body'), {
      maxBytes: config.max_body_bytes,
      idleTimeoutMs: clientIdleMs,
    });
    const path = config.replace.uri === undefined ? undefined : compileTemplate(config.replace.uri);
    return {
      ...(config.http_method === 'HEAD' ? { headerFilter: removeContentLength } : {}),
      access: (requestContext) => {
        if (config.http_method !== undefined) requestContext.method = config.http_method;
        headers?.(headerValues(requestContext.headers), requestContext);
        if (query !== undefined) transformQuery(requestContext, query);
        if (path !== undefined)
          requestContext.upstreamPath = normalisePath(path(requestContext, encodeURIComponent));
        return body?.(requestContext);
      },
    };
  },
};

/** A client that did not send HEAD would wait for a body of that length. */
function removeContentLength({ request }: RequestContext, { headers }: UpstreamResponseHead): void {
  if (request.method !== 'HEAD') headers.remove('content-length');
}

function headerValues(headers: UpstreamHeaders): NamedValues<string> {
  return {
    has: (name) => headers[name] !== undefined,
    rename: (from, to) => {
      const value = headers[from];
      if (value === undefined) return;
      delete headers[from];
      headers[to] = value;
    },
    set: (name, value) => {
      headers[name] = value;
    },
    append: (name, value) => {
      const before = headers[name];
      headers[name] = before === undefined ? value : [before, value].flat();
    },
    remove: (name) => {
      delete headers[name];
    },
  };
}

function transformQuery(requestContext: RequestContext, transform: Transform): void {
  const args = new URLSearchParams(requestContext.upstreamQuery);
  transform(queryValues(args), requestContext);
  requestContext.upstreamQuery = formatQuery(args);
}
