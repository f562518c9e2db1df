import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Gateway } from '../test-gateway.ts';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();
const gatewayWith = async (config: object) =>
  harness.gateway(await harness.upstream(), [{ name: 'ip-restriction', config }]);
const from = (gateway: Gateway, address: string) =>
  request(gateway.url).get('/api').set('X-Forwarded-For', address);

describe('ip-restriction', () => {
  test('lets those through alone that it allows', async () => {
    const gateway = await gatewayWith({ allow: ['10.0.0.0/8', '203.0.113.7', '2001:db8::/32'] });
    const statuses = await Promise.all(
      ['10.1.2.3', '203.0.113.7', '2001:db8::1', '::ffff:10.1.2.3', '::FFFF:a01:203', '2001:DB8:0:0::1'].map(
        async (a) => (await from(gateway, a)).status,
      ),
    );
    expect(statuses).toEqual(Array(6).fill(200));
    for (const address of ['11.1.2.3', '203.0.113.8', '2001:db9::1', '::ffff:11.1.2.3', '::ffff:b01:203']) {
      const { status, body } = await from(gateway, address);
      expect([address, status, body.message]).toEqual([address, 403, 'Your IP address is not allowed.']);
    }
  });

  test('keeps those out that it denies, also where they are allowed, with its own status and words', async () => {
    const gateway = await gatewayWith({
      allow: ['10.0.0.0/8'],
      deny: ['10.9.0.0/16'],
      status: 418,
      message: 'Not you.',
    });
    expect((await from(gateway, '10.8.0.1')).status).toBe(200);
    const { status, body } = await from(gateway, '10.9.0.1');
    expect([status, body.status, body.message]).toEqual([418, 418, 'Not you.']);
  });

  test.each([
    ['10.9.0.0/16', '10.9.0.1', '10.10.0.1'],
    ['10.9.0.0/16', '::ffff:10.9.0.1', '::ffff:10.10.0.1'],
    ['10.9.0.0/16', '::ffff:a09:1', '::ffff:a0a:1'],
    ['::ffff:10.9.0.1', '10.9.0.1', '10.9.0.2'],
    ['fe80::/10', 'fe80::1%eth0', 'fec0::1'],
    ['0.0.0.0/0', '203.0.113.1', '2001:db8::1'],
  ])('that denies %s keeps %s out, and not %s', async (network, out, other) => {
    const gateway = await gatewayWith({ deny: [network] });
    expect((await from(gateway, out)).status).toBe(403);
    expect((await from(gateway, other)).status).toBe(200);
  });

  test('refuses a request whose address a proxy hides', async () => {
    for (const config of [{ deny: ['10.9.0.0/16'] }, { allow: ['10.9.0.0/16'] }]) {
      const gateway = await gatewayWith(config);
      for (const address of ['unknown', '10.9.0.1:1234', '[2001:db8::1]'])
        expect((await from(gateway, address)).status).toBe(403);
    }
  });

  test('believes no more proxies than it is told', async () => {
    const entry = { name: 'ip-restriction', config: { deny: ['127.0.0.0/8'] } };
    const direct = await harness.gateway(await harness.upstream(), [entry], {
      environment: { TRUSTED_PROXIES: '0' },
    });
    expect((await from(direct, '203.0.113.7')).status).toBe(403);
    const behindOne = await harness.gateway(await harness.upstream(), [
      { name: 'ip-restriction', config: { allow: ['203.0.113.7'] } },
    ]);
    expect((await from(behindOne, '203.0.113.7, 198.51.100.1')).status).toBe(403);
    expect((await from(behindOne, '198.51.100.1, 203.0.113.7')).status).toBe(200);
  });

  test.each([
    [{}, 'plugins[0].config: must have allow or deny'],
    [
      { allow: ['10.0.0.0/33'] },
      'plugins[0].config.allow[0]: must be an IP address or a network such as 10.0.0.0/8',
    ],
    [
      { deny: ['localhost'] },
      'plugins[0].config.deny[0]: must be an IP address or a network such as 10.0.0.0/8',
    ],
  ])('with %j is refused in words', (config, mistake) => {
    expect(configMistakes('ip-restriction', config)).toEqual([mistake]);
  });
});
