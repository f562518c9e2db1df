import type { PluginDefinition } from '../api/plugin.ts';
import type { ResponseHeaders } from '../api/response.ts';
import { selectOperations, compileTransform, type NamedValues } from '../transform/operations.ts';
import { headerNormalizer } from '../transform/header-operations.ts';
import { createResponseBodyTransform } from '../transform/response-body.ts';
import { schema, type ResponseTransformerConfig } from './schema.ts';

/** Changes the upstream response. */
export const responseTransformer: PluginDefinition<ResponseTransformerConfig> = {
  name: 'response-transformer',
  priority: 800,
  schema: schema.describe(
    'Changes the upstream response, by the same operations as request-transformer. If JSON must be changed (`json_types` are the types of the values, by position), the gateway asks for uncompressed, whole responses and buffers those of type `application/json`; JSON that is no object passes unchanged. All other responses are streamed unread.',
  ),
  create: (config) => {
    const headers = compileTransform(selectOperations(config, 'headers'), headerNormalizer);
    const body = createResponseBodyTransform(selectOperations(config, 'json'), {
      replace: config.replace.json_types,
      add: config.add.json_types,
      append: config.append.json_types,
      maxBytes: config.max_body_bytes,
    });
    return {
      ...(body === undefined ? {} : { access: body.prepare }),
      headerFilter: (requestContext, responseHead) => {
        headers?.(headerValues(responseHead.headers), requestContext);
        body?.onResponseHead(responseHead);
      },
    };
  },
};

function headerValues(headers: ResponseHeaders): NamedValues<string> {
  return {
    has: (name) => headers.has(name),
    rename: (from, to) => {
      const value = headers.get(from);
      if (value === undefined) return;
      headers.remove(from);
      headers.set(to, value);
    },
    set: (name, value) => headers.set(name, value),
    append: (name, value) => headers.append(name, value),
    remove: (name) => headers.remove(name),
  };
}
