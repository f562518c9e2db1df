import { mongodb } from './mongodb.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import type { ServerType, ServerName } from './server.ts';

export const serverTypes: Readonly<Record<ServerName, ServerType>> = { redis, rabbitmq, mongodb };
