import { acl } from './acl.ts';
import { correlationId } from './correlation-id.ts';
import { corsPlugin } from './cors.ts';
import { fileLog } from './file-log.ts';
import { httpLog } from './http-log/http-log.ts';
import { ipRestriction } from './ip-restriction.ts';
import { jwt } from './jwt/jwt.ts';
import { keyAuth } from './key-auth.ts';
import type { PluginKind } from './plugin.ts';
import { prometheus } from './prometheus.ts';
import { proxyCache } from './proxy-cache/proxy-cache.ts';
import { rateLimiting } from './rate-limiting/rate-limiting.ts';
import { requestSizeLimiting } from './request-size-limiting.ts';
import { requestTermination } from './request-termination.ts';
import { requestTransformer } from './request-transformer.ts';
import { responseTransformer } from './response-transformer.ts';

/** Every plugin that comes along, in the order in which they run. */
export const STANDARD_PLUGINS: readonly PluginKind[] = [
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
