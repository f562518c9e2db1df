import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createConfigFile, startGatewayWith } from './config-file.ts';
import { rawRequest, sendRaw } from './raw-http-client.ts';
import { startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

let upstream: TestUpstream;
let gateway: Gateway;
let behindProxy: Gateway;
/** Where the service sends those who ask it. */
let elsewhere: string;

beforeAll(async () => {
  upstream = await startUpstream((_incoming, response) => {
    response.writeHead(302, { Location: elsewhere }).end();
  });
  const https = { protocols: ['https'] };
  const file = await createConfigFile({
    _format_version: '3.0',
    services: [
      {
        name: 'shop',
        url: upstream.url,
        routes: [
          { name: 'shop', paths: ['/shop'] },
          { name: 'safe', paths: ['/safe'], ...https },
          { name: 'moved', paths: ['/moved'], ...https, https_redirect_status_code: 308 },
        ],
      },
    ],
  });
  gateway = await startGatewayWith(file);
  behindProxy = await startGatewayWith(file, { TRUSTED_PROXIES: '1' });
});

afterAll(async () => {
  await Promise.all([gateway.stop(), behindProxy.stop()]);
  await upstream.close();
});

async function location(path: string, headers: readonly string[] = [], through = gateway) {
  const { status, head } = await sendRaw(through.port, rawRequest(`GET ${path} HTTP/1.1`, ...headers));
  return [status, /^Location: (.*)$/im.exec(head)?.[1]];
}

describe('a redirect of the service', () => {
  test.each(['https://elsewhere.test/', '//elsewhere.test', '42', '/shop/42'])(
    'to %s goes to the client unchanged: the gateway does not follow it',
    async (to) => {
      elsewhere = to;
      const before = upstream.requests.length;
      expect(await location('/shop/1')).toEqual([302, to]);
      expect(upstream.requests).toHaveLength(before + 1);
    },
  );
});

describe('a route for HTTPS alone, asked over HTTP', () => {
  test('says that it is one: 426', async () => {
    const { status, head, body } = await sendRaw(gateway.port, rawRequest('GET /safe/1 HTTP/1.1'));
    expect([status, JSON.parse(body).code]).toEqual([426, 'upgrade_required']);
    expect(head).toMatch(/^Upgrade: TLS\/1\.2, HTTP\/1\.1$/m);
  });

  test('redirects to the same URL over HTTPS by each configured status, whatever Host says', async () => {
    const spoofed = [
      'X-Forwarded-Host: evil.test',
      'Forwarded: host=evil.test',
      'X-Original-URL: //evil.test',
    ];
    expect(await location('/moved/@evil.test?to=//evil.test', spoofed)).toEqual([
      308,
      'https://gateway.test/moved/@evil.test?to=//evil.test',
    ]);
  });

  test.each(['//evil.test/moved', '/\\\\evil.test/moved', '/moved/..//evil.test', 'http://evil.test/moved'])(
    'never redirects to %s',
    async (path) => {
      expect(await location(path)).toEqual([400, undefined]);
    },
  );

  test('is served where a proxy of ours has taken it over HTTPS, which no client can claim', async () => {
    elsewhere = 'served';
    const told = ['X-Forwarded-Proto: https', 'X-Forwarded-For: 192.0.2.1'];
    expect(await location('/moved/1', told, behindProxy)).toEqual([302, 'served']);
    expect(await location('/moved/1', told)).toEqual([308, 'https://gateway.test/moved/1']);
  });
});

describe('a folder of the gateway’s own pages', () => {
  test('has its slash put behind it, on the same host', async () => {
    expect(await location('/docs')).toEqual([301, '/docs/']);
  });

  test.each(['//evil.test/docs', '/docs//evil.test', '/docs/%2fevil.test', '/docs/%5cevil.test'])(
    'never redirects because of %s',
    async (path) => {
      expect(await location(path)).toEqual([400, undefined]);
    },
  );
});
