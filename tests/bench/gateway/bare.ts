import { Agent } from 'node:http';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

/** The cheapest way to proxy with the packages that the gateway is made of. */
const app = express();
app.get('/health/live', (_request, response) => void response.end());
app.use(
  '/api/users',
  createProxyMiddleware({
    target: `${process.env['TARGET']}/users`,
    agent: new Agent({ keepAlive: true }),
    changeOrigin: true,
    ejectPlugins: true,
    plugins: [(server) => void server.on('error', (error) => process.stderr.write(`${String(error)}\n`))],
  }),
);
app.listen(Number(process.env['PORT']), '127.0.0.1');
