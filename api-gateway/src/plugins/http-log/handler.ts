import { createLogSerializer } from '../api/log-serializer.ts';
import type { PluginContext, PluginDefinition } from '../api/plugin.ts';
import { createBatchQueue } from './queue.ts';
import { httpLogDropped } from './http-log.log-events.ts';
import { schema, type HttpLogConfig } from './schema.ts';

/** Sends an entry for each request to a log server. Entries that cannot be sent in time are dropped, and a log line says how many. */
export const httpLog: PluginDefinition<HttpLogConfig> = {
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

async function sendBatch(
  config: HttpLogConfig,
  batch: readonly string[],
  tooLate: AbortSignal,
): Promise<void> {
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
