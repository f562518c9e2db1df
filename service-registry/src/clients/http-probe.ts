import { lookup } from 'node:dns';
import { Agent as HttpAgent, STATUS_CODES } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { create, isAxiosError, type AxiosResponse } from 'axios';
import type { CheckStatus, HttpCheck, CheckObservation } from '../domain/check.ts';

/** Asks once. Never rejects: an answer that did not come is an observation as well. */
export type Probe = (check: HttpCheck, signal: AbortSignal) => Promise<CheckObservation>;

/**
 * Where cloud providers answer machines with their secrets. Whoever may register can have the registry ask an
 * address, but not these.
 */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');

const FORBIDDEN_MESSAGE = 'link-local addresses are not asked';

/**
 * Probes over HTTP, each on a connection of its own. Only the head of the answer is read: the connection is closed
 * on the body. Redirects are answers, not ways; nothing that authenticates the registry is sent.
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
      return observed('critical', deadline.aborted ? 'no answer in time' : reasonOf(error));
    }
  };
}

/** As Consul reads an answer. */
function statusOf(httpStatus: number): CheckStatus {
  if (httpStatus === 429) return 'warning';
  return httpStatus >= 200 && httpStatus < 300 ? 'passing' : 'critical';
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was broken off',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up',
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

/** Looks a name up as Node does, and finds nothing where the address is one not to be asked. */
const lookupPermitted: LookupFunction = (hostname, options, done) => {
  lookup(hostname, options, (error, address, family) => {
    const found = typeof address === 'string' ? [address] : (address?.map((each) => each.address) ?? []);
    if (error === null && found.some(isForbidden)) done(new Error(FORBIDDEN_MESSAGE), '', 0);
    else done(error, address, family);
  });
};
