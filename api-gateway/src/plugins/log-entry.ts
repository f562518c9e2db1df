import type { Visit } from './plugin.ts';
import { sentHeader, sentHeaders } from './sent-headers.ts';

/** One request as Kong's log plugins tell it (https://developer.konghq.com/gateway/plugins/logging/). Times in ms. */
export function logEntry(visit: Visit): object {
  const { request, response, route, service, consumer, peer, upstreamPath, upstreamQuery } = visit;
  const took = Math.round(performance.now() - visit.startedAt);
  return {
    request: {
      id: visit.requestId,
      method: request.method,
      uri: withoutSecrets(request.originalUrl),
      url: withoutSecrets(`${request.protocol}://${request.host}${request.originalUrl}`),
      size: sizeOf(request.headers['content-length']),
      headers: shown(request.headers),
    },
    upstream_uri: withoutSecrets(upstreamPath + upstreamQuery),
    response: {
      status: response.statusCode,
      size: sizeOf(sentHeader(visit, 'content-length')),
      headers: shown(sentHeaders(visit)),
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

const SECRET_HEADERS = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'apikey']);

function shown(headers: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, SECRET_HEADERS.has(name) ? '[redacted]' : value]),
  );
}

/** Keys and tokens may come as arguments of a query. */
function withoutSecrets(uri: string): string {
  return uri.replaceAll(/([?&](?:apikey|api_key|jwt|token|access_token)=)[^&]*/gi, '$1[redacted]');
}

function sizeOf(length: unknown): number | undefined {
  return typeof length === 'string' || typeof length === 'number' ? Number(length) : undefined;
}
