import { createSerialQueue } from '@plaza/concurrency';
import type { Logger } from '@plaza/service-kit';
import { isDeepStrictEqual } from 'node:util';
import { loadConfigFile, loadConfigText, type LoadedConfig } from '../kong-config/load-config-file.ts';
import type { DeclarativeConfig, UpstreamEntity } from '../kong-config/model/entities.ts';
import type { LoadOptions } from '../kong-config/load-config.ts';
import { createUploadedConfig } from './uploaded-config.ts';
import type { ActiveConfig } from './active-config.ts';
import type { RuntimeOverrides } from './runtime-overrides.ts';
import { weightField, parseWeightOverrides, applyWeightOverrides } from './weight-overrides.ts';
import { configActivated, configRejected } from './control.log-events.ts';

/** Why the last configuration was not put in force. */
export interface RejectedConfig {
  readonly source: 'file' | 'admin';
  readonly at: Date;
  readonly mistakes: readonly string[];
}

/** The result of POST /config. */
export type UploadResult =
  | { readonly mistakes: readonly string[]; readonly shared?: never }
  /** Whether the other processes get it. */
  | { readonly shared: boolean; readonly mistakes?: never };

/** Loads configurations from the file and the Admin API, and puts them in force. */
export interface ConfigManager {
  current(): LoadedConfig;
  /** The upstreams in force, with the weight overrides. */
  upstreams(): readonly UpstreamEntity[];
  loadedAt(): Date;
  source(): 'file' | 'admin';
  /** The last refused configuration, unless one was accepted since. */
  lastRejected(): RejectedConfig | undefined;
  /** Reads the file again. An invalid file changes nothing. */
  reload(): Promise<void>;
  /** Resolves once all changes so far are in force. */
  whenIdle(): Promise<void>;
  /** Puts a whole file in force, in all processes that have the same file on disk, until that changes. */
  upload(text: string): Promise<UploadResult>;
  /** Sets a target's weight; null removes the target. Resolves with whether the other processes get it. */
  setTargetWeight(upstream: string, target: string, weight: number | null): Promise<boolean>;
}

export interface ConfigManagerOptions {
  readonly path: string;
  readonly initial: LoadedConfig;
  readonly loadOptions: LoadOptions;
  readonly activeConfig: ActiveConfig;
  readonly overrides: RuntimeOverrides;
  readonly logger: Logger;
}

export function createConfigManager(options: ConfigManagerOptions): ConfigManager {
  const { path, loadOptions, activeConfig, overrides, logger } = options;
  const uploaded = createUploadedConfig(overrides, loadOptions);
  // Changes run one after the other, each on the result of the one before.
  const { run: enqueue, whenIdle } = createSerialQueue();
  let file = options.initial;
  let current = { loaded: file, source: 'file' as RejectedConfig['source'], at: new Date() };
  let rejected: RejectedConfig | undefined;

  const effectiveUpstreams = () =>
    applyWeightOverrides(current.loaded.config.upstreams, parseWeightOverrides(overrides.entries()));

  function reject(source: RejectedConfig['source'], mistakes: readonly string[]): void {
    // It is checked again after each change of an override: log it once.
    if (rejected?.source === source && isDeepStrictEqual(rejected.mistakes, mistakes)) return;
    rejected = { source, at: new Date(), mistakes };
    logger.error(configRejected, { source, path, mistakes });
  }

  /** @returns mistakes, if it cannot be put in force. */
  async function apply(loaded: LoadedConfig, source: RejectedConfig['source']): Promise<readonly string[]> {
    if (loaded.hash === current.loaded.hash && rejected === undefined) return [];
    const mistakes = loaded.hash === current.loaded.hash ? [] : await tryActivate(loaded.config);
    if (mistakes.length > 0) return mistakes;
    current = { loaded, source, at: new Date() };
    rejected = undefined;
    logger.info(configActivated, { source, hash: loaded.hash });
    return [];
  }

  async function tryActivate(config: DeclarativeConfig): Promise<readonly string[]> {
    try {
      await activeConfig.activate(config);
      return [];
    } catch (error) {
      return [`plugins: ${Error.isError(error) ? error.message : String(error)}`];
    }
  }

  /** Activates the uploaded configuration, or else the file. */
  async function activateCurrent(): Promise<void> {
    const wanted = uploaded.read(file.hash);
    const source = wanted === undefined ? 'file' : 'admin';
    const { loaded, mistakes } = wanted ?? { loaded: file };
    const rejectedMistakes = loaded === undefined ? mistakes : await apply(loaded, source);
    if (rejectedMistakes.length > 0) reject(source, rejectedMistakes);
  }

  async function reload(): Promise<void> {
    const { loaded, mistakes } = loadConfigFile(path, loadOptions);
    if (loaded === undefined) {
      reject('file', mistakes);
      return;
    }
    file = loaded;
    await activateCurrent();
  }

  async function upload(text: string): Promise<UploadResult> {
    const { loaded, mistakes } = loadConfigText(text, loadOptions);
    if (loaded === undefined) return { mistakes };
    const activationMistakes = await apply(loaded, 'admin');
    if (activationMistakes.length > 0) return { mistakes: activationMistakes };
    return { shared: await uploaded.store(text, file.hash) };
  }

  overrides.onChange(() => {
    activeConfig.applyOverrides();
    void enqueue(activateCurrent);
  });

  return {
    current: () => current.loaded,
    upstreams: effectiveUpstreams,
    loadedAt: () => current.at,
    source: () => current.source,
    lastRejected: () => rejected,
    reload: () => enqueue(reload),
    whenIdle,
    upload: (text) => enqueue(() => upload(text)),
    setTargetWeight: (upstream, target, weight) => {
      const declared = current.loaded.config.upstreams.find(({ name }) => name === upstream);
      const over = declared?.targets.find((own) => own.target === target)?.weight ?? null;
      const undone = weight === over;
      return overrides.set(
        weightField(upstream, target),
        undone ? undefined : JSON.stringify({ weight, over }),
      );
    },
  };
}
