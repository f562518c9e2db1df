import { acl } from './acl/handler.ts';
import { correlationId } from './correlation-id/handler.ts';
import { corsPlugin } from './cors/handler.ts';
import { fileLog } from './file-log/handler.ts';
import { httpLog } from './http-log/handler.ts';
import { ipRestriction } from './ip-restriction/handler.ts';
import { jwt } from './jwt/handler.ts';
import { keyAuth } from './key-auth/handler.ts';
import type { PluginDefinition } from './api/plugin.ts';
import { prometheus } from './prometheus/handler.ts';
import { proxyCache } from './proxy-cache/handler.ts';
import { rateLimiting } from './rate-limiting/handler.ts';
import { requestSizeLimiting } from './request-size-limiting/handler.ts';
import { requestTermination } from './request-termination/handler.ts';
import { requestTransformer } from './request-transformer/handler.ts';
import { responseTransformer } from './response-transformer/handler.ts';

/** The built-in plugins, in the order in which they run. */
export const STANDARD_PLUGINS: readonly PluginDefinition[] = [
  correlationId,
  corsPlugin,
  jwt,
  keyAuth,
  ipRestriction,
  requestSizeLimiting,
  acl,
  rateLimiting,
  requestTransformer,
  responseTransformer,
  proxyCache,
  prometheus,
  httpLog,
  fileLog,
  requestTermination,
];
