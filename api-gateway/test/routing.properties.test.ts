import { expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import * as fc from 'fast-check';
import { createConfigFile, startGatewayWith } from './config-file.ts';
import { asked, referenceMatch, routes, type RouteRequest, type RouteInFile } from './reference-router.ts';
import { sendRaw } from './raw-http-client.ts';
import { startUpstream } from './test-gateway.ts';

const CONFIGURATIONS = 500;
/** On a busy machine. */
const PATIENCE_MS = 180_000;

/** Each route has a service with its own path, which identifies the route. */
const documentOf = (file: readonly RouteInFile[], url: string) => ({
  _format_version: '3.0',
  services: file.map((route) => ({
    name: `to-${route.name}`,
    url: `${url}/${route.name}`,
    routes: [{ strip_path: false, ...route }],
  })),
});

const bytesOf = ({ method, path, host, headers }: RouteRequest) =>
  [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ].join('\r\n');

test(
  'whatever the configuration that is put in force, requests go where Kong’s rules say',
  async () => {
    const upstream = await startUpstream();
    const gateway = await startGatewayWith(await createConfigFile(documentOf([], upstream.url)));
    await eventually(() => gateway.adminUrl());
    let [taken, answered] = [0, 0];
    await fc.assert(
      fc.asyncProperty(routes, fc.array(asked, { minLength: 1, maxLength: 8 }), async (file, requests) => {
        const body = JSON.stringify(documentOf(file, upstream.url));
        const headers = { 'Content-Type': 'application/json' };
        const posted = await fetch(`${gateway.adminUrl()}/config`, { method: 'POST', headers, body });
        // Routes without conditions, and two routes with equal conditions, are refused.
        expect([201, 400]).toContain(posted.status);
        fc.pre(posted.status === 201);
        taken += 1;
        for (const request of requests) {
          const before = upstream.requests.length;
          const { status } = await sendRaw(gateway.port, bytesOf(request));
          const [, routeName] = upstream.requests[before]?.url?.split('/') ?? [];
          expect(routeName).toBe(referenceMatch(file, request));
          expect(status).not.toBe(500);
          if (routeName === undefined) continue;
          expect(status).toBe(200);
          answered += 1;
        }
      }),
      { numRuns: CONFIGURATIONS, maxSkipsPerRun: 100 },
    );
    expect(taken).toBeGreaterThanOrEqual(CONFIGURATIONS);
    expect(answered).toBeGreaterThan(CONFIGURATIONS / 10);
    await gateway.stop();
    await upstream.close();
  },
  PATIENCE_MS,
);
