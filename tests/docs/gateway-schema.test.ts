import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { renderGatewaySchema } from './gateway-schema.ts';

const schema = z.object({
  properties: z.record(z.string(), z.unknown()),
  $defs: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()).optional() })),
});

describe('api-gateway/gateway.schema.json', () => {
  const read = () => readFile(resolve(import.meta.dirname, '../../api-gateway/gateway.schema.json'), 'utf8');

  test('is up to date with the format and the plugins (else: npm run docs)', async () => {
    expect(await read()).toBe(renderGatewaySchema());
  });

  test('has the parts of the format and the fields of each plugin', async () => {
    const { properties, $defs } = schema.parse(JSON.parse(await read()));
    expect(Object.keys(properties)).toEqual(
      expect.arrayContaining(['services', 'routes', 'upstreams', 'plugins', 'consumers']),
    );
    expect(Object.keys($defs['rate-limiting']?.properties ?? {})).toEqual(
      expect.arrayContaining(['minute', 'hour', 'policy']),
    );
  });
});
