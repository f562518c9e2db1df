import { redact } from '@plaza/service-kit';
import type { PluginContext } from './plugin.ts';
import type { EndpointInfo } from './entities.ts';
import type { RequestContext } from './request-context.ts';
import { getResponseHeader, getResponseHeaders } from './response-headers.ts';

/**
 * Writes one request as JSON in the format of Kong's log plugins (https://developer.konghq.com/gateway/plugins/logging/).
 * Secrets are redacted. Times are in milliseconds.
 */
export function createLogSerializer({
  secretNames,
}: PluginContext): (requestContext: RequestContext) => string {
  const redactor: Redactor = {
    uri: (uri) =>
      uri.replaceAll(/([?&])([^=&]*)=[^&]*/g, (whole, mark, name) =>
        secretNames.has(String(name).toLowerCase()) ? `${mark}${name}=${REDACTED}` : whole,
      ),
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, secretNames.has(name) ? REDACTED : value]),
      ),
  };
  return (requestContext) => JSON.stringify(redact(toLogEntry(requestContext, redactor)));
}

const REDACTED = '[redacted]';

/** Replaces the secrets of this configuration. */
interface Redactor {
  uri(uri: string): string;
  headers(headers: Readonly<Record<string, unknown>>): object;
}

function toLogEntry(requestContext: RequestContext, redactor: Redactor): object {
  const { request, response, route, service, consumer, endpoint, upstreamPath, upstreamQuery } =
    requestContext;
  const took = Math.round(performance.now() - requestContext.startedAt);
  return {
    request: {
      id: requestContext.requestId,
      method: request.method,
      uri: redactor.uri(request.originalUrl),
      url: redactor.uri(`${request.protocol}://${request.host}${request.originalUrl}`),
      size: toSize(request.headers['content-length']),
      headers: redactor.headers(request.headers),
    },
    upstream_uri: redactor.uri(upstreamPath + upstreamQuery),
    response: {
      status: response.statusCode,
      size: toSize(getResponseHeader(requestContext, 'content-length')),
      headers: redactor.headers(getResponseHeaders(requestContext)),
    },
    tries:
      endpoint === undefined
        ? []
        : [
            ...(requestContext.firstAttemptUrl === undefined
              ? []
              : [{ url: requestContext.firstAttemptUrl }]),
            toTry(endpoint),
          ],
    route: { name: route.name },
    ...(service === undefined ? {} : { service: { name: service.name, host: service.address.host } }),
    ...(consumer === undefined
      ? {}
      : { consumer: { username: consumer.username, custom_id: consumer.customId } }),
    ...(requestContext.caller.kind === 'user' ? { user: { id: requestContext.caller.userId } } : {}),
    client_ip: requestContext.clientAddress,
    answered_by: requestContext.responseSource,
    latencies: { request: took },
    started_at: Date.now() - took,
  };
}

/** Written field by field: readers of the log depend on these names. */
function toTry({ instanceId, url, weight, version, origin, target, fallback, activeRequests }: EndpointInfo) {
  const { href, protocol, host, hostname, port } = origin;
  return {
    instanceId,
    url,
    weight,
    version,
    origin: { href, protocol, host, hostname, port },
    target,
    fallback,
    underWay: activeRequests,
  };
}

function toSize(length: unknown): number | undefined {
  return typeof length === 'string' || typeof length === 'number' ? Number(length) : undefined;
}
