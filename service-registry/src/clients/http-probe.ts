import { lookup } from 'node:dns';
import { Agent as HttpAgent, STATUS_CODES } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { create, isAxiosError, type AxiosResponse } from 'axios';
import type { CheckStatus, HttpCheck, CheckObservation } from '../domain/check.ts';

/** Sends one probe. Never rejects: a missing response is an observation as well. */
export type Probe = (check: HttpCheck, signal: AbortSignal) => Promise<CheckObservation>;

/**
 * Link-local addresses, at which cloud providers serve a machine's credentials. A client that may register can make
 * the registry send requests, but not to these.
 */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');

const FORBIDDEN_MESSAGE = 'link-local addresses are not probed';

/**
 * Probes over HTTP, with a new connection for each. Only the response head is read, and the body closes the
 * connection. A redirect is a response and is not followed. Requests have no credentials of the registry.
 */
export function createHttpProbe(timeoutMs: number): Probe {
  const http = create({
    httpAgent: new HttpAgent({ keepAlive: false, lookup: lookupPermitted }),
    httpsAgent: new HttpsAgent({ keepAlive: false, lookup: lookupPermitted }),
    headers: { 'User-Agent': 'plaza-service-registry', Accept: '*/*' },
    maxRedirects: 0,
    proxy: false,
    responseType: 'stream',
    decompress: false,
    validateStatus: () => true,
  });

  return async (check, signal) => {
    const { url, method = 'GET', headers = {} } = check;
    const started = performance.now();
    const observed = (status: CheckStatus, output: string) => ({
      status,
      output: `${method} ${url}: ${output}`,
      latencyMs: Math.round(performance.now() - started),
    });
    const deadline = AbortSignal.timeout(check.timeoutMs ?? timeoutMs);
    try {
      if (isForbidden(new URL(url).hostname)) return observed('critical', FORBIDDEN_MESSAGE);
      const response: AxiosResponse<NodeJS.ReadableStream & { destroy(): void }> = await http.request({
        url,
        method,
        headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, [...values]])),
        signal: AbortSignal.any([deadline, signal]),
      });
      response.data.destroy();
      const words = `${response.status} ${STATUS_CODES[response.status] ?? ''}`.trimEnd();
      return { ...observed(statusOf(response.status), words), httpStatus: response.status };
    } catch (error) {
      return observed('critical', deadline.aborted ? 'timeout' : reasonOf(error));
    }
  };
}

/** The same mapping as Consul's. */
function statusOf(httpStatus: number): CheckStatus {
  if (httpStatus === 429) return 'warning';
  return httpStatus >= 200 && httpStatus < 300 ? 'passing' : 'critical';
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name does not exist',
  EAI_AGAIN: 'the host name could not be resolved',
};

function reasonOf(error: unknown): string {
  if (!isAxiosError(error)) return String(error);
  return REASONS[error.code ?? ''] ?? (error.message === '' ? String(error.code) : error.message);
}

function isForbidden(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  return family !== 0 && FORBIDDEN.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Resolves a name as Node does, and fails if one of its addresses is forbidden. */
const lookupPermitted: LookupFunction = (hostname, options, done) => {
  lookup(hostname, options, (error, address, family) => {
    const found = typeof address === 'string' ? [address] : (address?.map((each) => each.address) ?? []);
    if (error === null && found.some(isForbidden)) done(new Error(FORBIDDEN_MESSAGE), '', 0);
    else done(error, address, family);
  });
};
