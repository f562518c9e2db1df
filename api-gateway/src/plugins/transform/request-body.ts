import { isUtf8 } from 'node:buffer';
import { MalformedRequest, UnsupportedMediaType } from '@plaza/service-kit';
import { getUpgrade } from '../../transport/upgrade.ts';
import type { RequestContext } from '../api/request-context.ts';
import { queryValues } from './query-values.ts';
import { identityNormalizer, compileTransform, type TransformOperations } from './operations.ts';
import { isFormType, isJsonType, CONTENT_HEADERS } from './content-headers.ts';
import { serializeMembers, parseMembers, memberValues, createJsonNormalizer } from './json-object.ts';
import { readBody, type ReadBodyOptions } from './read-request-body.ts';

/** Undefined for a body that stays unchanged. */
type BodyTransform = (body: string, requestContext: RequestContext) => Buffer | undefined;

/**
 * Changes JSON objects and forms; undefined if there is nothing to change. Refuses bodies whose encoding would
 * bypass the changes: invalid JSON, compressed bodies, and other character sets than UTF-8. @throws {PayloadTooLarge} {RequestTimeout} {MalformedRequest} {UnsupportedMediaType}
 */
export function createRequestBodyTransform(
  operations: TransformOperations,
  options: ReadBodyOptions,
): ((requestContext: RequestContext) => void | Promise<void>) | undefined {
  const json = createJsonTransform(operations);
  const form = createFormTransform(operations);
  if (json === undefined || form === undefined) return undefined;

  async function rewrite(requestContext: RequestContext, transform: BodyTransform): Promise<void> {
    assertReadable(requestContext);
    const body = await readBody(requestContext, options);
    if (body === undefined) return;
    if (!isUtf8(body)) throw new UnsupportedMediaType(NOT_UTF_8);
    const changed = transform(body.toString(), requestContext);
    if (changed === undefined && body.length === 0) return;
    requestContext.body = changed ?? body;
    if (changed !== undefined) for (const name of CONTENT_HEADERS) delete requestContext.headers[name];
    requestContext.headers['content-length'] = String(requestContext.body.length);
  }

  return (requestContext) => {
    if (getUpgrade(requestContext.request) !== undefined) return undefined;
    const type = requestContext.request.headers['content-type'];
    if (isJsonType(type)) return rewrite(requestContext, json);
    return isFormType(type) ? rewrite(requestContext, form) : undefined;
  };
}

function createJsonTransform(operations: TransformOperations): BodyTransform | undefined {
  const transform = compileTransform(operations, createJsonNormalizer({ replace: [], add: [], append: [] }));
  if (transform === undefined) return undefined;
  return (body, requestContext) => {
    const members = parseBody(body);
    if (members === undefined) return undefined;
    transform(memberValues(members), requestContext);
    return body === '' && members.size === 0 ? undefined : serializeMembers(members);
  };
}

/** No body counts as an empty object: added members may be its only ones. */
function parseBody(body: string): ReturnType<typeof parseMembers> {
  if (body === '') return new Map();
  try {
    return parseMembers(body);
  } catch (cause) {
    throw new MalformedRequest('The body is not valid JSON.', { cause });
  }
}

function createFormTransform(operations: TransformOperations): BodyTransform | undefined {
  const transform = compileTransform(operations, identityNormalizer);
  if (transform === undefined) return undefined;
  return (body, requestContext) => {
    const args = new URLSearchParams(body);
    transform(queryValues(args), requestContext);
    return body === '' && args.size === 0 ? undefined : Buffer.from(args.toString());
  };
}

function assertReadable({ request }: RequestContext): void {
  const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = request.headers;
  if (encoding.toLowerCase() !== 'identity')
    throw new UnsupportedMediaType('The body must not be compressed, because the gateway changes it.');
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(type)?.[1] ?? 'utf-8';
  if (!/^(?:utf-?8|us-ascii)$/i.test(charset)) throw new UnsupportedMediaType(NOT_UTF_8);
}

const NOT_UTF_8 = 'The body must be in UTF-8: it is changed on its way.';
