import { createWriteStream, type WriteStream } from 'node:fs';
import { z } from 'zod';
import { logEntry } from './log-entry.ts';
import { only } from './fields.ts';
import type { PluginContext, PluginKind } from './plugin.ts';

const schema = z.strictObject({
  path: z
    .string()
    .regex(/^[^*&%\\`]+$/, 'must be the name of a file')
    .describe('Where each request becomes a line of JSON; /dev/stdout is one'),
  reopen: z
    .boolean()
    .default(false)
    .describe('Whether the file is opened for each line: for rotating by renaming'),
  custom_fields_by_lua: only(null, 'is not supported: this gateway runs no Lua'),
});

/** Bytes that may wait for the disk; beyond, lines are left out and counted. */
const MOST_WAITING = 16 * 1024 * 1024;

/** Writes a line of JSON for each request. A full disk costs lines, never requests. */
export const fileLog: PluginKind<z.output<typeof schema>> = {
  name: 'file-log',
  priority: 9,
  schema: schema.describe('Writes a line of JSON for each request, in Kong’s form.'),
  create: ({ path, reopen }, context) => {
    const log = openLog(path, context);
    return {
      log: (visit) => {
        log.write(`${JSON.stringify(logEntry(visit))}\n`);
        if (reopen) log.reopen();
      },
      close: () => log.end(),
    };
  },
};

function openLog(path: string, { logger, name }: PluginContext) {
  let stream: WriteStream | undefined;
  let failing = false;
  const open = () => {
    const opened = createWriteStream(path, { flags: 'a' });
    opened.on('error', (error) => {
      if (!failing)
        logger.warn('a log file cannot be written', { plugin: name, path, reason: error.message });
      failing = true;
      if (stream === opened) stream = undefined;
    });
    opened.on('ready', () => {
      failing = false;
    });
    return opened;
  };
  return {
    write: (line: string) => {
      stream ??= open();
      if (stream.writableLength < MOST_WAITING) stream.write(line);
    },
    reopen: () => {
      stream?.end();
      stream = undefined;
    },
    end: async () => {
      const last = stream;
      stream = undefined;
      if (last !== undefined) await new Promise<void>((resolve) => last.end(resolve));
    },
  };
}
