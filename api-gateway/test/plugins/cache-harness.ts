import type { IncomingMessage, ServerResponse } from 'node:http';
import request from 'supertest';
import type { Gateway } from '../test-gateway.ts';
import type { HarnessOptions, createPluginHarness } from './plugin-harness.ts';

export type ResponseWriter = (response: ServerResponse, request: IncomingMessage) => void;

/** Services that number their responses, and gateways that cache them. */
export function createCacheHarness(harness: ReturnType<typeof createPluginHarness>) {
  async function counting(answering: ResponseWriter = () => undefined) {
    let answers = 0;
    return harness.upstream((incoming, response) => {
      answers += 1;
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      response.setHeader('X-Number', String(answers));
      answering(response, incoming);
      if (!response.writableEnded) response.end(JSON.stringify({ answers, url: incoming.url }));
    });
  }

  async function cached(config: object, answering?: ResponseWriter, more?: HarnessOptions) {
    const upstream = await counting(answering);
    const entry = { name: 'proxy-cache', config: { strategy: 'memory', ...config } };
    return { upstream, gateway: await harness.gateway(upstream, [entry], more) };
  }

  return { counting, cached };
}

export const get = ({ url }: Gateway, path = '/api', headers: Record<string, string> = {}) =>
  request(url).get(path).set(headers);

export const statusOf = (response: { headers: Record<string, string> }) => response.headers['x-cache-status'];

/** Cache statuses of sequential requests. */
export async function statuses(
  gateway: Gateway,
  ...calls: (readonly [path?: string | undefined, headers?: Record<string, string>])[]
) {
  const seen: (string | undefined)[] = [];
  for (const [path, headers] of calls) seen.push(statusOf(await get(gateway, path, headers)));
  return seen;
}
