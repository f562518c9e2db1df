import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { startStack, type Stack } from '@plaza/local-stack/testing';
import { z } from 'zod';
import { createGatewayClient } from '../seed/gateway-client.ts';

const script = resolve(import.meta.dirname, '../seed/seed.ts');
/** The gateway's default: 100 requests in 15 minutes. */
const ANONYMOUS_LIMIT = 100;
const run = promisify(execFile);

/** The output of the command; rejects if it fails, with `stderr`. */
async function seed(url: string): Promise<string> {
  const env = { ...process.env, PLAZA_URL: url };
  return (await run(process.execPath, ['--conditions=source', script], { env, timeout: 60_000 })).stdout;
}

let stack: Stack;
beforeAll(async () => {
  stack = await startStack(); // with the default rate limits
}, 180_000);

describe('npm run seed', () => {
  test('loads the sample data, and finds it at the second run', async () => {
    const first = await seed(stack.gateway.url);
    expect(first).toContain('users   5 created: lena, mateo, ines, tomasz, noor');
    expect(first).toContain('posts   12 created');
    expect(first).toContain('orders  7 created: 1 cancelled, 2 rejected, 4 confirmed');

    const second = await seed(stack.gateway.url);
    expect(second).toContain('users   5 exist');
    expect(second).toContain('posts   12 exist');
    expect(second).toContain('orders  7 exist: 1 cancelled, 2 rejected, 4 confirmed');
  }, 90_000);

  test('prints a login command for one of the users', async () => {
    const command = (await seed(stack.gateway.url)).split('\n').find((line) => line.includes('curl'));
    const { stdout } = await run('bash', ['-c', command ?? 'false'], { timeout: 10_000 });
    expect(JSON.parse(stdout)).toMatchObject({ tokenType: 'Bearer' });
  }, 60_000);

  test('leaves a public list without the draft', async () => {
    const { body } = await createGatewayClient(stack.gateway.url)('GET', '/api/posts?limit=100');
    const { items } = z.object({ items: z.array(z.object({ status: z.string() })) }).parse(body);
    expect(items.map(({ status }) => status)).toEqual(Array.from({ length: 11 }, () => 'published'));
  });

  test('says what to do if no gateway answers', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(seed(`http://localhost:${port}`)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ECONNREFUSED[^]*Start Plaza with `npm start`/),
    });
  });

  test('says when to try again after the rate limit', async () => {
    const gateway = createGatewayClient(stack.gateway.url);
    for (let count = 0; count < ANONYMOUS_LIMIT; count += 1) await gateway('GET', '/api/posts?limit=1');
    await expect(seed(stack.gateway.url)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/try again in \d+ seconds/),
    });
  });
});
