import { z } from 'zod';
import { headerName, fixedValue } from '../api/schema-fields.ts';
import { createLogSerializer } from '../api/log-serializer.ts';
import type { PluginContext, PluginDefinition } from '../api/plugin.ts';
import { createBatchQueue } from './queue.ts';
import { httpLogDropped } from './http-log.log-events.ts';

const seconds = z.number().min(0.001).max(1_000_000);

const queue = z
  .strictObject({
    max_batch_size: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .describe('Entries in one request; more than 1 are sent as a list'),
    max_coalescing_delay: z
      .number()
      .min(0)
      .max(3_600)
      .default(1)
      .describe('Seconds that an entry waits for further entries'),
    max_entries: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe('Entries that wait at most; then the oldest are dropped'),
    max_bytes: z
      .int()
      .min(1)
      .default(64 * 1_024 * 1_024),
    max_retry_time: z.number().min(0).default(60).describe('Seconds after which a batch is dropped'),
    initial_retry_delay: seconds.default(0.01),
    max_retry_delay: seconds.default(60),
    concurrency_limit: fixedValue(1, 'must be 1: entries are sent in order'),
  })
  .prefault({});

const REMOVED_FIELD = 'is not a field any more: use queue';

const schema = z.strictObject({
  http_endpoint: z
    .string()
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be a URL of http or https'),
  method: z.enum(['POST', 'PUT', 'PATCH']).default('POST'),
  content_type: z.enum(['application/json', 'application/json; charset=utf-8']).default('application/json'),
  timeout: z.int().min(1).default(10_000).describe('Milliseconds'),
  keepalive: fixedValue(60_000, 'must be 60000: Node decides how long connections stay open'),
  headers: z
    .record(headerName, z.string())
    .default({})
    .refine(
      (headers) => !Object.keys(headers).some((name) => RESERVED_HEADERS.has(name)),
      'cannot have host, content-length or content-type',
    ),
  queue,
  retry_count: z.never({ error: REMOVED_FIELD }).optional(),
  queue_size: z.never({ error: REMOVED_FIELD }).optional(),
  flush_timeout: z.never({ error: REMOVED_FIELD }).optional(),
  custom_fields_by_lua: fixedValue(null, 'is not supported: this gateway runs no Lua'),
});

const RESERVED_HEADERS = new Set(['host', 'content-length', 'content-type']);

type Config = z.output<typeof schema>;

/** Sends an entry for each request to a log server. Entries that cannot be sent in time are dropped, and a log line says how many. */
export const httpLog: PluginDefinition<Config> = {
  name: 'http-log',
  priority: 12,
  schema: schema.describe('Sends an entry for each request, in Kong’s format, to a log server.'),
  create: (config, context) => {
    const serialize = createLogSerializer(context);
    const dropReporter = createDropReporter(context);
    const batchQueue = createBatchQueue({
      maxBatchSize: config.queue.max_batch_size,
      maxCoalescingDelayMs: config.queue.max_coalescing_delay * 1_000,
      maxEntries: config.queue.max_entries,
      maxBytes: config.queue.max_bytes,
      initialRetryDelayMs: config.queue.initial_retry_delay * 1_000,
      maxRetryDelayMs: config.queue.max_retry_delay * 1_000,
      maxRetryTimeMs: config.queue.max_retry_time * 1_000,
      closeTimeoutMs: CLOSE_TIMEOUT_MS,
      send: (batch, signal) => sendBatch(config, batch, signal),
      onDropped: dropReporter.onDropped,
      now: context.now,
    });
    return {
      log: (requestContext) => batchQueue.add(serialize(requestContext)),
      close: async () => {
        await batchQueue.close();
        dropReporter.report();
      },
    };
  },
};

async function sendBatch(config: Config, batch: readonly string[], tooLate: AbortSignal): Promise<void> {
  const { href, authorization } = splitCredentials(config.http_endpoint);
  const response = await fetch(href, {
    method: config.method,
    headers: { ...config.headers, 'content-type': config.content_type, ...authorization },
    body: config.queue.max_batch_size === 1 ? (batch[0] ?? '') : `[${batch.join(',')}]`,
    redirect: 'error',
    signal: AbortSignal.any([AbortSignal.timeout(config.timeout), tooLate]),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the endpoint answers ${response.status}`);
}

/** fetch refuses URLs with credentials. */
function splitCredentials(endpoint: string): { href: string; authorization?: { authorization: string } } {
  const url = new URL(endpoint);
  const { username, password } = url;
  if (username === '') return { href: url.href };
  url.username = '';
  url.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    href: url.href,
    authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  };
}

/** Milliseconds for the last entries at shutdown, of the gateway's 10 s. */
const CLOSE_TIMEOUT_MS = 3_000;
/** Milliseconds between two log lines about dropped entries. */
const REPORT_INTERVAL_MS = 10_000;

function createDropReporter({ logger, name, now }: PluginContext) {
  let dropped = 0;
  let last = '';
  let reportedAt = -Infinity;

  function report(): void {
    if (dropped > 0) logger.warn(httpLogDropped, { plugin: name, entries: dropped, reason: last });
    dropped = 0;
    reportedAt = now();
  }

  return {
    onDropped: (count: number, reason: string) => {
      dropped += count;
      last = reason;
      if (now() - reportedAt >= REPORT_INTERVAL_MS) report();
    },
    /** Logs the entries dropped since the last log line. */
    report,
  };
}
