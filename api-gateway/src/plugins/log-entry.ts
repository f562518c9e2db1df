import { redact } from '@plaza/service-kit';
import type { PluginContext, Visit } from './plugin.ts';
import { sentHeader, sentHeaders } from './sent-headers.ts';

/**
 * Tells one request as Kong's log plugins do (https://developer.konghq.com/gateway/plugins/logging/), as a line of
 * JSON, without what is secret. Times in ms.
 */
export function createLogEntries({ secretNames }: PluginContext): (visit: Visit) => string {
  const plain: Plain = {
    uri: (uri) =>
      uri.replaceAll(/([?&])([^=&]*)=[^&]*/g, (whole, mark, name) =>
        secretNames.has(String(name).toLowerCase()) ? `${mark}${name}=${REDACTED}` : whole,
      ),
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, secretNames.has(name) ? REDACTED : value]),
      ),
  };
  return (visit) => JSON.stringify(redact(entryOf(visit, plain)));
}

const REDACTED = '[redacted]';

/** Without what this configuration keeps secret. */
interface Plain {
  uri(uri: string): string;
  headers(headers: Readonly<Record<string, unknown>>): object;
}

function entryOf(visit: Visit, plain: Plain): object {
  const { request, response, route, service, consumer, peer, upstreamPath, upstreamQuery } = visit;
  const took = Math.round(performance.now() - visit.startedAt);
  return {
    request: {
      id: visit.requestId,
      method: request.method,
      uri: plain.uri(request.originalUrl),
      url: plain.uri(`${request.protocol}://${request.host}${request.originalUrl}`),
      size: sizeOf(request.headers['content-length']),
      headers: plain.headers(request.headers),
    },
    upstream_uri: plain.uri(upstreamPath + upstreamQuery),
    response: {
      status: response.statusCode,
      size: sizeOf(sentHeader(visit, 'content-length')),
      headers: plain.headers(sentHeaders(visit)),
    },
    tries: peer === undefined ? [] : [...(visit.retried === undefined ? [] : [{ url: visit.retried }]), peer],
    route: { name: route.name },
    ...(service === undefined ? {} : { service: { name: service.name, host: service.address.host } }),
    ...(consumer === undefined
      ? {}
      : { consumer: { username: consumer.username, custom_id: consumer.customId } }),
    ...(visit.caller.kind === 'user' ? { user: { id: visit.caller.userId } } : {}),
    client_ip: visit.clientAddress,
    answered_by: visit.answeredBy,
    latencies: { request: took },
    started_at: Date.now() - took,
  };
}

function sizeOf(length: unknown): number | undefined {
  return typeof length === 'string' || typeof length === 'number' ? Number(length) : undefined;
}
