import { mongodb } from './mongodb.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import type { ServerKind, ServerName } from './server.ts';

export const serverKinds: Readonly<Record<ServerName, ServerKind>> = { redis, rabbitmq, mongodb };
