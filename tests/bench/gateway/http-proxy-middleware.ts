import { Agent } from 'node:http';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

/** http-proxy-middleware alone under Express: with its default plugins, or with EJECT without them. */
const app = express();
const quiet = { error: (error: unknown) => void process.stderr.write(`${String(error)}\n`) };
app.get('/health/live', (_request, response) => void response.end());
app.use(
  '/api/users',
  createProxyMiddleware({
    target: `${process.env['TARGET']}/users`,
    agent: new Agent({ keepAlive: true }),
    changeOrigin: true,
    ...(process.env['EJECT'] === undefined
      ? {}
      : { ejectPlugins: true, plugins: [(server) => void server.on('error', quiet.error)] }),
  }),
);
app.listen(Number(process.env['PORT']), '127.0.0.1');
