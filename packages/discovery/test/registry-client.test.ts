import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRegistryClient } from '@plaza/discovery';
import { listen, type ListeningServer } from '@plaza/service-kit';
import { timeoutSignal } from './test-registry.ts';

/** Registries without instances; the test makes some of them unavailable. */
const servers: ListeningServer[] = [];
const urls: string[] = [];
const asked: string[] = [];
const away = new Set<number>();

beforeAll(async () => {
  for (const index of [0, 1, 2]) {
    const server = await listen(
      (_request, response) => {
        asked.push(`${index}`);
        if (away.has(index)) response.statusCode = 503;
        response.setHeader('X-Consul-Index', '1').end('[]');
      },
      0,
      '127.0.0.1',
    );
    servers.push(server);
    urls.push(`http://127.0.0.1:${server.port}`);
  }
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

function client(chance: number) {
  let at = 0;
  const { passingInstances } = createRegistryClient({ urls, random: () => chance, now: () => at });
  return {
    pass: (ms: number) => {
      at += ms;
    },
    /** Which registries a question went to, in turn. */
    ask: async () => {
      asked.length = 0;
      await passingInstances('things', { index: 0, waitMs: 0, signal: timeoutSignal() });
      return asked.join('');
    },
  };
}

test.each([
  [0, '0'],
  [0.5, '1'],
  [0.99, '2'],
])('of several registries one is asked, chosen by chance (%s)', async (chance, expected) => {
  const { ask } = client(chance);
  expect([await ask(), await ask()]).toEqual([expected, expected]);
});

test('one that is away is passed over, and not asked first again', async () => {
  const { ask } = client(0);
  away.add(0);
  expect([await ask(), await ask()]).toEqual(['01', '1']);
  away.clear();
  expect(await ask()).toBe('1');
});

test('from time to time it is chosen anew, so that one that was restarted gets its share', async () => {
  const { ask, pass } = client(0);
  away.add(0);
  await ask();
  away.clear();
  pass(599_999);
  expect(await ask()).toBe('1');
  pass(1);
  expect(await ask()).toBe('0');
});

test('all that are away are asked once', async () => {
  const { ask } = client(0);
  for (const index of [0, 1, 2]) away.add(index);
  await expect(ask()).rejects.toMatchObject({ code: 'registry_unavailable' });
  expect(asked.join('')).toBe('012');
  away.clear();
});
