import type { Logger } from '@plaza/service-kit';
import { isDeepStrictEqual } from 'node:util';
import { readDeclarationFile, readText, type ReadFile } from '../declaration/declaration-file.ts';
import type { Declaration, Upstream } from '../declaration/declaration.ts';
import type { ReadOptions } from '../declaration/read-declaration.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { createPostedFile } from './posted-file.ts';
import type { Runtime } from './runtime.ts';
import type { SharedSettings } from './settings.ts';
import { fieldOf, overridesIn, weighted } from './target-weights.ts';
import { createTurns } from './turns.ts';

/** Why the configuration in force is not the one that was meant. */
export interface Rejected {
  readonly source: 'file' | 'admin';
  readonly at: Date;
  readonly mistakes: readonly string[];
}

/** What became of a file that was posted. */
export type Posting =
  | { readonly mistakes: readonly string[]; readonly shared?: never }
  /** Whether the other processes hear of it. */
  | { readonly shared: boolean; readonly mistakes?: never };

/** Which configuration is in force, and how it came to be. */
export interface Keeper {
  read(): ReadFile;
  /** In force, with the weights that were set. */
  upstreams(): readonly Upstream[];
  loadedAt(): Date;
  source(): 'file' | 'admin';
  /** What was refused last, if nothing was taken since. */
  rejected(): Rejected | undefined;
  /** Reads the file again. A broken one changes nothing. */
  reload(): Promise<void>;
  /** Resolves once what was changed so far is in force. */
  settled(): Promise<void>;
  /** Takes a whole file, here and by whoever has the same one on disk, until that changes. */
  post(text: string): Promise<Posting>;
  /** Sets a target's weight; null takes the target away. Resolves with whether the other processes hear of it. */
  setWeight(upstream: string, target: string, weight: number | null): Promise<boolean>;
}

export interface KeeperOptions {
  readonly path: string;
  readonly first: ReadFile;
  readonly reading: ReadOptions;
  readonly runtime: Runtime;
  readonly upstreams: Pick<Upstreams, 'configure'>;
  readonly settings: SharedSettings;
  readonly logger: Logger;
}

export function createKeeper(options: KeeperOptions): Keeper {
  const { path, reading, runtime, settings, logger } = options;
  const posted = createPostedFile(settings, reading);
  // Each change by what holds when its turn comes.
  const { inTurn, settled } = createTurns();
  let file = options.first;
  let current = { read: file, source: 'file' as Rejected['source'], at: new Date() };
  let rejected: Rejected | undefined;

  const inForce = () => weighted(current.read.declaration.upstreams, overridesIn(settings.entries()));

  function reject(source: Rejected['source'], mistakes: readonly string[]): void {
    // It is looked at again whenever something is set: once is enough to be told.
    if (rejected?.source === source && isDeepStrictEqual(rejected.mistakes, mistakes)) return;
    rejected = { source, at: new Date(), mistakes };
    logger.error('a configuration was refused: the last good one holds', { source, path, mistakes });
  }

  /** @returns mistakes, if it cannot be put to work. */
  async function apply(read: ReadFile, source: Rejected['source']): Promise<readonly string[]> {
    if (read.hash === current.read.hash && rejected === undefined) return [];
    const mistakes = read.hash === current.read.hash ? [] : await tried(read.declaration);
    if (mistakes.length > 0) return mistakes;
    current = { read, source, at: new Date() };
    rejected = undefined;
    logger.info('a configuration was loaded', { source, hash: read.hash });
    return [];
  }

  async function tried(declaration: Declaration): Promise<readonly string[]> {
    try {
      await runtime.apply(declaration);
      return [];
    } catch (error) {
      return [`plugins: ${Error.isError(error) ? error.message : String(error)}`];
    }
  }

  /** What was posted, else the file. */
  async function choose(): Promise<void> {
    const wanted = posted.read(file.hash);
    const source = wanted === undefined ? 'file' : 'admin';
    const { read, mistakes } = wanted ?? { read: file };
    const refused = read === undefined ? mistakes : await apply(read, source);
    if (refused.length > 0) reject(source, refused);
  }

  async function reload(): Promise<void> {
    const { read, mistakes } = readDeclarationFile(path, reading);
    if (read === undefined) {
      reject('file', mistakes);
      return;
    }
    file = read;
    await choose();
  }

  async function post(text: string): Promise<Posting> {
    const { read, mistakes } = readText(text, reading);
    if (read === undefined) return { mistakes };
    const unworkable = await apply(read, 'admin');
    if (unworkable.length > 0) return { mistakes: unworkable };
    return { shared: await posted.set(text, file.hash) };
  }

  settings.onChange(() => {
    options.upstreams.configure(inForce());
    void inTurn(choose);
  });

  return {
    read: () => current.read,
    upstreams: inForce,
    loadedAt: () => current.at,
    source: () => current.source,
    rejected: () => rejected,
    reload: () => inTurn(reload),
    settled,
    post: (text) => inTurn(() => post(text)),
    setWeight: (upstream, target, weight) => {
      const declared = current.read.declaration.upstreams.find(({ name }) => name === upstream);
      const over = declared?.targets.find((own) => own.target === target)?.weight ?? null;
      const undone = weight === over;
      return settings.set(fieldOf(upstream, target), undone ? undefined : JSON.stringify({ weight, over }));
    },
  };
}
