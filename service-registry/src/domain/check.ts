export const CHECK_STATUSES = ['passing', 'warning', 'critical'] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

/** The safe methods, which change nothing at the target. */
export const PROBE_METHODS = ['GET', 'HEAD', 'OPTIONS'] as const;
export type ProbeMethod = (typeof PROBE_METHODS)[number];

interface CheckDefinitionBase {
  /**
   * Unique within the instance. Consul's API treats it as globally unique. At most 256 characters, no control
   * characters.
   */
  readonly id: string;
  readonly name: string;
  /** The status before the first result. */
  readonly initial: CheckStatus;
  /** The instance is removed after the check has been critical for this many milliseconds. */
  readonly deregisterAfterMs?: number;
}

/** The instance reports its status at least every `ttlMs`; a missing report is critical. */
export interface TtlCheck extends CheckDefinitionBase {
  readonly kind: 'ttl';
  readonly ttlMs: number;
}

/** The registry probes: 2xx is passing, 429 warning, all else critical. */
export interface HttpCheck extends CheckDefinitionBase {
  readonly kind: 'http';
  readonly url: string;
  /** Default GET. */
  readonly method?: ProbeMethod;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds between two probes. Default 10,000. */
  readonly intervalMs?: number;
  /** Timeout in milliseconds for the response head. Default 2,000. */
  readonly timeoutMs?: number;
  /** Consecutive failures that make it critical. Default 3. */
  readonly failuresBeforeCritical?: number;
  /** Consecutive successes that end the status critical, except for the first result. Default 2. */
  readonly successesBeforePassing?: number;
}

/** The health checks that an instance declares, in addition to its lease. */
export type CheckDefinition = TtlCheck | HttpCheck;

/** The lease as a check. Not declared; passing while the process reports the state up. */
export interface HeartbeatCheck {
  readonly id: typeof HEARTBEAT_CHECK_ID;
  readonly name: string;
  readonly kind: 'heartbeat';
  readonly ttlMs: number;
}

export const HEARTBEAT_CHECK_ID = 'heartbeat';

export interface CheckState {
  readonly status: CheckStatus;
  /** Milliseconds since 1970: when it got this status. */
  readonly since: number;
  /** The output at that time. Later output is in its observation. */
  readonly output: string;
}

/** A check with its state. */
export type Check = (CheckDefinition | HeartbeatCheck) & CheckState;

/** The declared part of a check; undefined for the lease, which is not declared. */
export function extractCheckDefinition(check: Check): CheckDefinition | undefined {
  if (check.kind === 'heartbeat') return undefined;
  const { status: _, since: __, output: ___, ...definition } = check;
  return definition;
}

/** The latest result of a check. It does not change an index. */
export interface CheckObservation {
  readonly status: CheckStatus;
  readonly output: string;
  /** The duration of the probe in milliseconds. */
  readonly latencyMs?: number;
  /** The status of the probe's response. */
  readonly httpStatus?: number;
}

/** The result of a check, reported by the instance or by a probe. */
export interface CheckReport {
  readonly kind: CheckDefinition['kind'];
  readonly checkId: string;
  /** The instance of the check. Default: the one that last registered a check with this id. */
  readonly instance?: { readonly service: string; readonly instanceId: string } | undefined;
  /** The probed process: a report about another one is dropped. */
  readonly incarnation?: number;
  /** The check's status after it. */
  readonly status: CheckStatus;
  /** The result itself: after a probe's first failure the check keeps its status. */
  readonly observation: CheckObservation;
}
