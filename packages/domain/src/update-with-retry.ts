import type { Change, DomainEvent } from './change.ts';

/** Attempts before a conflict is reported to the caller. */
const MAX_ATTEMPTS = 8;

export interface RetryOnConflictOptions {
  /** Attempts at most; Infinity for no limit. Default 8. */
  readonly maxAttempts?: number;
  /** The error where every attempt met a conflict. */
  readonly createConflictError: () => Error;
}

export interface UpdateWithRetryOptions<State, Event extends DomainEvent> extends RetryOnConflictOptions {
  /** Reads the state as it is now. Rejects where there is none. */
  readonly load: () => Promise<State>;
  /** Makes the new state of the current one. May be called for each attempt. */
  readonly decide: (state: State) => Change<State, Event>;
  /** Writes the new state. False where another writer has changed the state since it was loaded. */
  readonly save: (change: Change<State, Event>) => Promise<boolean>;
}

/**
 * Optimistic concurrency: loads a state, decides and saves; where another writer was first, loads and decides again.
 * Saves nothing where `decide` returns the same state. Resolves with the new state.
 * @throws what `createConflictError` returns, and what `load`, `decide` and `save` throw.
 */
export function updateWithRetry<State, Event extends DomainEvent>({
  load,
  decide,
  save,
  ...options
}: UpdateWithRetryOptions<State, Event>): Promise<State> {
  return retryOnConflict(async () => {
    const state = await load();
    const change = decide(state);
    return change.state === state || (await save(change)) ? { done: change.state } : 'conflict';
  }, options);
}

/** As `updateWithRetry`, for writes that are no change of one state: `attempt` reads, decides and writes. */
export async function retryOnConflict<Result>(
  attempt: () => Promise<{ readonly done: Result } | 'conflict'>,
  { maxAttempts = MAX_ATTEMPTS, createConflictError }: RetryOnConflictOptions,
): Promise<Result> {
  for (let attempts = 0; attempts < maxAttempts; attempts += 1) {
    const outcome = await attempt();
    if (outcome !== 'conflict') return outcome.done;
  }
  throw createConflictError();
}
