/**
 * The stack that an Express developer assembles from the same packages, used as their pages show: request ids, a winston
 * line for each request and each response, a histogram, helmet, cors, jose, a rate limit by user in Redis,
 * http-proxy-middleware.
 */
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import cors from 'cors';
import express, { type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { Redis } from 'ioredis';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import client from 'prom-client';
import { RedisStore, type RedisReply } from 'rate-limit-redis';
import winston from 'winston';

const { TARGET = '', REDIS_URL = '', PORT } = process.env;

const logger = winston.createLogger({
  defaultMeta: { service: 'gateway' },
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Console()],
});

const duration = new client.Histogram({
  name: 'http_request_duration_seconds',
  help: 'Seconds that a request takes',
  labelNames: ['method', 'route', 'status'],
});

const requestId: RequestHandler = (request, response, next) => {
  const id = request.get('x-request-id') ?? randomUUID();
  request.headers['x-request-id'] = id;
  response.set('X-Request-Id', id);
  next();
};

const observe: RequestHandler = (request, response, next) => {
  const stop = duration.startTimer();
  const started = Date.now();
  const about = {
    method: request.method,
    url: request.originalUrl,
    ip: request.ip,
    userAgent: request.get('user-agent'),
    requestId: request.get('x-request-id'),
  };
  logger.info('request', about);
  response.on('finish', () => {
    stop({ method: request.method, route: '/api/users', status: response.statusCode });
    const userId: unknown = response.locals['userId'];
    logger.info('response', {
      ...about,
      userId,
      status: response.statusCode,
      duration: Date.now() - started,
    });
  });
  next();
};

const keys = createRemoteJWKSet(new URL(`${TARGET}/.well-known/jwks.json`));

const authenticate: RequestHandler = async (request, response, next) => {
  const token = request.get('authorization')?.replace(/^Bearer /, '') ?? '';
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: 'plaza',
      audience: 'plaza',
      algorithms: ['RS256'],
    });
    response.locals['userId'] = payload.sub;
    request.headers['x-user-id'] = payload.sub;
    next();
  } catch {
    response.status(401).json({ error: 'Unauthorized' });
  }
};

const redis = new Redis(REDIS_URL);

const app = express();
app.get('/health/live', (_request, response) => void response.end());
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 takes them
app.use(requestId, observe, helmet(), cors(), authenticate);
app.use(
  rateLimit({
    windowMs: 60_000,
    limit: 1_000_000_000,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (_request, response) => String(response.locals['userId']),
    store: new RedisStore({
      sendCommand: (command: string, ...args: string[]): Promise<RedisReply> =>
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as rate-limit-redis' own page has it
        redis.call(command, ...args) as Promise<RedisReply>,
    }),
  }),
);
app.use(
  '/api/users',
  createProxyMiddleware({
    target: `${TARGET}/users`,
    agent: new Agent({ keepAlive: true }),
    changeOrigin: true,
    xfwd: true,
  }),
);
app.listen(Number(PORT), '127.0.0.1');
