export const CHANGE_KINDS = [
  'registered',
  'superseded',
  'modified',
  'declared',
  'check',
  'override',
  'override-ended',
  'expired',
  'unregistered',
] as const;

/**
 * `superseded`: a later process uses the id; `modified`: another definition; `declared`: the process reports another
 * state; `check`: a check has another status; `expired`: the lease has ended, or a check was critical for too long.
 */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** An entry of the log, which all replicas share. */
export interface ChangeLogEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The catalog's index after the change: rises from entry to entry. */
  readonly index: number;
  readonly kind: ChangeKind;
  readonly service: string;
  readonly instanceId: string;
  /** The old and the new state, or status of a check. */
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
}
