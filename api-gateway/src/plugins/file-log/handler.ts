import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { createLogSerializer } from '../api/log-serializer.ts';
import { fixedValue } from '../api/schema-fields.ts';
import type { PluginContext, PluginDefinition } from '../api/plugin.ts';

const schema = z.strictObject({
  path: z
    .string()
    .regex(/^[^*&%\\`]+$/, 'must be the name of a file')
    .describe('Where each request becomes a line of JSON; /dev/stdout is one'),
  reopen: z
    .boolean()
    .default(false)
    .describe(
      'Whether the file is opened for each write: for rotating by renaming; a reload opens it anew in any case',
    ),
  custom_fields_by_lua: fixedValue(null, 'is not supported: this gateway runs no Lua'),
});

/** Writes a line of JSON for each request. A full disk costs lines, never requests. */
export const fileLog: PluginDefinition<z.output<typeof schema>> = {
  name: 'file-log',
  priority: 9,
  schema: schema.describe('Writes a line of JSON for each request, in Kong’s form.'),
  create: (config, context) => {
    const log = createFileWriter(config, context);
    const serialize = createLogSerializer(context);
    return { log: (requestContext) => log.write(`${serialize(requestContext)}\n`), close: log.end };
  },
};

/** Characters that may wait for the disk; beyond, lines are lost. */
const MAX_BUFFERED_CHARACTERS = 16 * 1024 * 1024;

/** Appends what waits in one piece, one piece after the other: lines stay in order. */
function createFileWriter({ path, reopen }: z.output<typeof schema>, { logger, name }: PluginContext) {
  let lines: string[] = [];
  let waiting = 0;
  let file: FileHandle | undefined;
  let writing: Promise<void> | undefined;
  let lost = 0;

  async function writeAll(): Promise<void> {
    while (lines.length > 0) {
      const piece = lines;
      lines = [];
      waiting = 0;
      try {
        file ??= await open(path, 'a');
        await file.appendFile(piece.join(''));
        sayWritten();
      } catch (error) {
        lose(piece.length, Error.isError(error) ? error.message : String(error));
        await closeFile();
      }
      if (reopen) await closeFile();
    }
    writing = undefined;
  }

  async function closeFile(): Promise<void> {
    const last = file;
    file = undefined;
    await last?.close().catch(() => undefined);
  }

  function lose(count: number, reason: string): void {
    if (lost === 0) logger.warn('a log file cannot be written', { plugin: name, path, reason });
    lost += count;
  }

  function sayWritten(): void {
    if (lost > 0) logger.info('a log file is written again', { plugin: name, path, lost });
    lost = 0;
  }

  return {
    write: (line: string) => {
      if (waiting > MAX_BUFFERED_CHARACTERS) {
        lose(1, 'more waits for the disk than is kept');
        return;
      }
      lines.push(line);
      waiting += line.length;
      writing ??= writeAll();
    },
    end: async () => {
      await writing;
      await closeFile();
    },
  };
}
