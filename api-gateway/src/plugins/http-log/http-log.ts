import { z } from 'zod';
import { headerName, only } from '../fields.ts';
import { createLogEntries } from '../log-entry.ts';
import type { PluginContext, PluginKind } from '../plugin.ts';
import { createQueue } from './queue.ts';

const seconds = z.number().min(0.001).max(1_000_000);

const queue = z
  .strictObject({
    max_batch_size: z.int().min(1).max(1_000_000).default(1).describe('Above 1, a list is sent'),
    max_coalescing_delay: z
      .number()
      .min(0)
      .max(3_600)
      .default(1)
      .describe('Seconds that an entry waits for others'),
    max_entries: z.int().min(1).max(1_000_000).default(10_000).describe('That wait; of more, the oldest go'),
    max_bytes: z
      .int()
      .min(1)
      .default(64 * 1_024 * 1_024),
    max_retry_time: z.number().min(0).default(60).describe('Seconds after which a batch is given up'),
    initial_retry_delay: seconds.default(0.01),
    max_retry_delay: seconds.default(60),
    concurrency_limit: only(1, 'must be 1: entries are sent in their order'),
  })
  .prefault({});

const NOT_THERE = 'is not a field any more: use queue';

const schema = z.strictObject({
  http_endpoint: z
    .string()
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be a URL of http or https'),
  method: z.enum(['POST', 'PUT', 'PATCH']).default('POST'),
  content_type: z.enum(['application/json', 'application/json; charset=utf-8']).default('application/json'),
  timeout: z.int().min(1).default(10_000).describe('Milliseconds'),
  keepalive: only(60_000, 'must be 60000: connections are kept by Node’s own rules'),
  headers: z
    .record(headerName, z.string())
    .default({})
    .refine(
      (headers) => !Object.keys(headers).some((name) => OURS.has(name)),
      'cannot have host, content-length or content-type',
    ),
  queue,
  retry_count: z.never({ error: NOT_THERE }).optional(),
  queue_size: z.never({ error: NOT_THERE }).optional(),
  flush_timeout: z.never({ error: NOT_THERE }).optional(),
  custom_fields_by_lua: only(null, 'is not supported: this gateway runs no Lua'),
});

const OURS = new Set(['host', 'content-length', 'content-type']);

type Config = z.output<typeof schema>;

/** Sends an entry for each request to somebody who collects them. What cannot be sent in time is lost, and said. */
export const httpLog: PluginKind<Config> = {
  name: 'http-log',
  priority: 12,
  schema: schema.describe('Sends an entry for each request, in Kong’s form, to somebody who collects them.'),
  create: (config, context) => {
    const entryOf = createLogEntries(context);
    const report = createReport(context);
    const entries = createQueue({
      batchSize: config.queue.max_batch_size,
      coalescingMs: config.queue.max_coalescing_delay * 1_000,
      mostEntries: config.queue.max_entries,
      mostBytes: config.queue.max_bytes,
      firstRetryMs: config.queue.initial_retry_delay * 1_000,
      longestRetryMs: config.queue.max_retry_delay * 1_000,
      giveUpMs: config.queue.max_retry_time * 1_000,
      closingMs: CLOSING_MS,
      send: (batch, signal) => post(config, batch, signal),
      lost: report.lost,
      now: context.now,
    });
    return {
      log: (visit) => entries.add(entryOf(visit)),
      close: async () => {
        await entries.close();
        report.say();
      },
    };
  },
};

async function post(config: Config, batch: readonly string[], tooLate: AbortSignal): Promise<void> {
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

/** fetch takes no credentials in URLs. */
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

/** Milliseconds that a stop may take, of the 10 s that the whole gateway has. */
const CLOSING_MS = 3_000;
/** Milliseconds between two lines about what is lost. */
const QUIET_MS = 10_000;

function createReport({ logger, name, now }: PluginContext) {
  let entries = 0;
  let last = '';
  let saidAt = -Infinity;

  function say(): void {
    if (entries > 0) logger.warn('log entries are lost', { plugin: name, entries, reason: last });
    entries = 0;
    saidAt = now();
  }

  return {
    lost: (count: number, reason: string) => {
      entries += count;
      last = reason;
      if (now() - saidAt >= QUIET_MS) say();
    },
    /** Says what has not been said. */
    say,
  };
}
