import { open, type FileHandle } from 'node:fs/promises';
import { createLogSerializer } from '../api/log-serializer.ts';
import type { PluginContext, PluginDefinition } from '../api/plugin.ts';
import { fileLogFailed, fileLogRestored } from './file-log.log-events.ts';
import { schema, type FileLogConfig } from './schema.ts';

/** Writes a line of JSON for each request. If the disk is full, lines are lost and requests are not. */
export const fileLog: PluginDefinition<FileLogConfig> = {
  name: 'file-log',
  priority: 9,
  schema: schema.describe('Writes a line of JSON for each request, in Kong’s format.'),
  create: (config, context) => {
    const log = createFileWriter(config, context);
    const serialize = createLogSerializer(context);
    return { log: (requestContext) => log.write(`${serialize(requestContext)}\n`), close: log.end };
  },
};

/** Characters that wait for the disk at most; further lines are lost. */
const MAX_BUFFERED_CHARACTERS = 16 * 1024 * 1024;

/** Appends all waiting lines with one write, one write at a time, so that lines stay in order. */
function createFileWriter({ path, reopen }: FileLogConfig, { logger, name }: PluginContext) {
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
    if (lost === 0) logger.warn(fileLogFailed, { plugin: name, path, reason });
    lost += count;
  }

  function sayWritten(): void {
    if (lost > 0) logger.info(fileLogRestored, { plugin: name, path, lost });
    lost = 0;
  }

  return {
    write: (line: string) => {
      if (waiting > MAX_BUFFERED_CHARACTERS) {
        lose(1, 'too many characters wait for the disk');
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
