import { redact } from '@plaza/service-kit';
import type { PluginContext, RequestContext } from './plugin.ts';
import { getResponseHeader, getResponseHeaders } from './response-headers.ts';

/**
 * Tells one request as Kong's log plugins do (https://developer.konghq.com/gateway/plugins/logging/), as a line of
 * JSON, without what is secret. Times in ms.
 */
export function createLogSerializer({
  secretNames,
}: PluginContext): (requestContext: RequestContext) => string {
  const plain: Redactor = {
    uri: (uri) =>
      uri.replaceAll(/([?&])([^=&]*)=[^&]*/g, (whole, mark, name) =>
        secretNames.has(String(name).toLowerCase()) ? `${mark}${name}=${REDACTED}` : whole,
      ),
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, secretNames.has(name) ? REDACTED : value]),
      ),
  };
  return (requestContext) => JSON.stringify(redact(toLogEntry(requestContext, plain)));
}

const REDACTED = '[redacted]';

/** Without what this configuration keeps secret. */
interface Redactor {
  uri(uri: string): string;
  headers(headers: Readonly<Record<string, unknown>>): object;
}

function toLogEntry(requestContext: RequestContext, plain: Redactor): object {
  const { request, response, route, service, consumer, peer, upstreamPath, upstreamQuery } = requestContext;
  const took = Math.round(performance.now() - requestContext.startedAt);
  return {
    request: {
      id: requestContext.requestId,
      method: request.method,
      uri: plain.uri(request.originalUrl),
      url: plain.uri(`${request.protocol}://${request.host}${request.originalUrl}`),
      size: toSize(request.headers['content-length']),
      headers: plain.headers(request.headers),
    },
    upstream_uri: plain.uri(upstreamPath + upstreamQuery),
    response: {
      status: response.statusCode,
      size: toSize(getResponseHeader(requestContext, 'content-length')),
      headers: plain.headers(getResponseHeaders(requestContext)),
    },
    tries:
      peer === undefined
        ? []
        : [...(requestContext.retried === undefined ? [] : [{ url: requestContext.retried }]), peer],
    route: { name: route.name },
    ...(service === undefined ? {} : { service: { name: service.name, host: service.address.host } }),
    ...(consumer === undefined
      ? {}
      : { consumer: { username: consumer.username, custom_id: consumer.customId } }),
    ...(requestContext.caller.kind === 'user' ? { user: { id: requestContext.caller.userId } } : {}),
    client_ip: requestContext.clientAddress,
    answered_by: requestContext.answeredBy,
    latencies: { request: took },
    started_at: Date.now() - took,
  };
}

function toSize(length: unknown): number | undefined {
  return typeof length === 'string' || typeof length === 'number' ? Number(length) : undefined;
}
