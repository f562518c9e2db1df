import { admission, authentication } from './authentication.ts';
import { corsPlugin } from './cors.ts';
import type { PluginKind } from './plugin.ts';
import { rateLimiting } from './rate-limiting/rate-limiting.ts';

/** Every plugin that comes along, in no order: their priorities say which runs first. */
export const STANDARD_PLUGINS: readonly PluginKind[] = [corsPlugin, authentication, rateLimiting, admission];
