import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { configMistakes, createPluginHarness } from './plugin-harness.ts';

const harness = createPluginHarness();

describe('response-transformer', () => {
  test('removes, renames, replaces, adds and appends headers', async () => {
    const upstream = await harness.upstream((_request, response) => {
      response.setHeader('X-Gone', '1');
      response.setHeader('X-Old', 'kept');
      response.setHeader('X-There', 'before');
      response.setHeader('X-List', 'a');
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      response.end('body');
    });
    const { url } = await harness.gateway(upstream, [
      {
        name: 'response-transformer',
        config: {
          remove: { headers: ['X-Gone'] },
          rename: { headers: ['X-Old:X-New'] },
          replace: { headers: ['X-There:replaced', 'X-Absent:never'] },
          add: { headers: ['X-Added:$(headers["x-name"])', 'X-There:not this'] },
          append: { headers: ['X-List:b'] },
        },
      },
    ]);
    const { headers, text } = await request(url).get('/api').set('X-Name', 'ada');
    expect(headers).toMatchObject({
      'x-new': 'kept',
      'x-there': 'replaced',
      'x-added': 'ada',
      'x-list': 'a, b',
    });
    for (const name of ['x-gone', 'x-old', 'x-absent']) expect(headers).not.toHaveProperty(name);
    expect([headers['set-cookie'], text]).toEqual([['a=1', 'b=2'], 'body']);
  });

  test.each([
    [{ add: { json: ['nonsense'] } }, 'add.json[0]: "nonsense" must read NAME:VALUE'],
    [{ add: { json: ['a:1', 'b:x'], json_types: ['number', 'number'] } }, 'add.json[1]: "x" is no number'],
    [{ add: { json: ['a:yes'], json_types: ['boolean'] } }, 'add.json[0]: "yes" is no boolean'],
    [
      { remove: { headers: ['Transfer-Encoding'] } },
      'remove.headers: must begin with the name of a header that is not about the connection, the length or the host',
    ],
  ])('with %j is refused in words', (config, mistake) => {
    expect(configMistakes('response-transformer', config)).toContain(`plugins[0].config.${mistake}`);
  });
});
