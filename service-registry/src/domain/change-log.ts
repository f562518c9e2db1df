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
 * `superseded`: a later process took the id over; `modified`: it declares something else of itself; `declared`: its
 * process says another state; `check`: a check's status is another; `expired`: its lease ran out, or a check
 * was critical for too long.
 */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One entry of the log that all replicas share. */
export interface ChangeLogEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The catalog's index with it: rises from entry to entry. */
  readonly index: number;
  readonly kind: ChangeKind;
  readonly service: string;
  readonly instanceId: string;
  /** Of a state or of a check's status. */
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
}
