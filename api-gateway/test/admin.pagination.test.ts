import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { createConfigFile, startGatewayWith } from './config-file.ts';
import type { Gateway } from './test-gateway.ts';

let gateway: Gateway;

const NAMES = Array.from({ length: 7 }, (_, index) => `s${index}`);
const tags = (index: number) => [
  'all',
  ...(index % 2 === 0 ? ['even'] : []),
  ...(index % 3 === 0 ? ['third'] : []),
];

beforeAll(async () => {
  const services = NAMES.map((name, index) => ({
    name,
    url: 'http://127.0.0.1:1',
    tags: tags(index),
    routes: NAMES.map((path) => ({ name: `${name}-${path}`, paths: [`/${name}/${path}`] })),
  }));
  const targets = NAMES.map((name, index) => ({ target: `${name}:80`, tags: tags(index) }));
  gateway = await startGatewayWith(
    await createConfigFile({ services, upstreams: [{ name: 'pool', targets }] }),
  );
});

afterAll(() => gateway.stop());

const get = (path: string) => request(gateway.adminUrl()).get(path);
const named = (data: readonly { name?: string; target?: string }[]) =>
  data.map(({ name, target }) => name ?? target);

/** All pages from this one on, by their `next`. */
async function walk(path: string): Promise<unknown[][]> {
  const { body } = await get(path).expect(200);
  return [named(body.data), ...(body.next === null ? [] : await walk(body.next))];
}

describe('lists come in pages, as Kong’s', () => {
  test.each(['/services', '/services/s0/routes', '/upstreams/pool/targets'])('%s', async (path) => {
    const [all = []] = await walk(path);
    expect(all).toHaveLength(7);
    const pages = await walk(`${path}?size=3`);
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual(all);
    expect(await walk(`${path}?size=7`)).toHaveLength(1);
  });

  test('and say where the next one is, in offset as well', async () => {
    const { body } = await get('/services?size=5').expect(200);
    expect(body.next).toBe(`/services?offset=${body.offset}&size=5`);
    expect(named((await get(`/services?offset=${body.offset}`)).body.data)).toEqual(['s5', 's6']);
    expect((await get('/services')).body).not.toHaveProperty('offset');
  });

  test.each([
    ['size=0', { code: 9, message: 'size must be an integer between 1 and 1000' }],
    ['size=1001', { code: 9, message: 'size must be an integer between 1 and 1000' }],
    ['size=1.5', { code: 9, message: 'size must be an integer between 1 and 1000' }],
    ['size=all', { code: 9, message: 'size must be a number', name: 'invalid size' }],
    ['size=', { code: 9, message: 'size must be a number' }],
    ['offset=there', { code: 7, name: 'invalid offset' }],
    ['offset=LTE', { code: 7, name: 'invalid offset' }],
    ['tags=a,b/c', { code: 11, options: { tags: 'invalid filter syntax' } }],
    ['tags=', { code: 11, name: 'invalid options' }],
  ])('but not with %s', async (query, refusal) => {
    const { status, body } = await get(`/services?${query}`);
    expect([status, body]).toEqual([400, expect.objectContaining(refusal)]);
  });
});

describe('tags choose', () => {
  test.each([
    ['even', ['s0', 's2', 's4', 's6']],
    ['even,third', ['s0', 's6']],
    ['even/third', ['s0', 's2', 's3', 's4', 's6']],
    ['none', []],
    ['all,none', []],
  ])('by %s', async (filter, names) => {
    expect(await walk(`/services?tags=${encodeURIComponent(filter)}`)).toEqual([names]);
  });

  test('on every page', async () => {
    expect(await walk('/services?tags=even/third&size=2')).toEqual([['s0', 's2'], ['s3', 's4'], ['s6']]);
    expect(await walk('/upstreams/pool/targets?tags=third&size=2')).toEqual([['s0:80', 's3:80'], ['s6:80']]);
  });
});
