import proxy from '@fastify/http-proxy';
import fastify from 'fastify';

/** @fastify/http-proxy alone. */
const app = fastify();
app.get('/health/live', async () => 'OK');
await app.register(proxy, {
  upstream: process.env['TARGET'] ?? '',
  prefix: '/api/users',
  rewritePrefix: '/users',
});
await app.listen({ port: Number(process.env['PORT']), host: '127.0.0.1' });
