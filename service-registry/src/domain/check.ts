export const CHECK_STATUSES = ['passing', 'warning', 'critical'] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

/** Methods that a probe may use: those that change nothing where it asks. */
export const PROBE_METHODS = ['GET', 'HEAD', 'OPTIONS'] as const;
export type ProbeMethod = (typeof PROBE_METHODS)[number];

interface CheckDefinitionBase {
  /** Unique within the instance; Consul's calls take it for unique over all. At most 256 characters, no control characters. */
  readonly id: string;
  readonly name: string;
  /** Before anything is known. */
  readonly initial: CheckStatus;
  /** The instance goes once the check has been critical for this many milliseconds. */
  readonly deregisterAfterMs?: number;
}

/** The instance reports by itself, at least every `ttlMs`; late is critical. */
export interface TtlCheck extends CheckDefinitionBase {
  readonly kind: 'ttl';
  readonly ttlMs: number;
}

/** The registry asks: 2xx is passing, 429 warning, all else critical. */
export interface HttpCheck extends CheckDefinitionBase {
  readonly kind: 'http';
  readonly url: string;
  /** Default GET. */
  readonly method?: ProbeMethod;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds between two probes. Default 10,000. */
  readonly intervalMs?: number;
  /** Milliseconds until the head of the answer has come. Default 2,000. */
  readonly timeoutMs?: number;
  /** Failures in a row that make it critical. Default 3. */
  readonly failuresBeforeCritical?: number;
  /** Successes in a row that end being critical, once it was anything else. Default 2. */
  readonly successesBeforePassing?: number;
}

/** What an instance declares of its health, beyond its lease. */
export type CheckDefinition = TtlCheck | HttpCheck;

/** The lease as a check: not declared as such, and passing for as long as the process says that it is up. */
export interface HeartbeatCheck {
  readonly id: typeof HEARTBEAT_CHECK_ID;
  readonly name: string;
  readonly kind: 'heartbeat';
  readonly ttlMs: number;
}

export const HEARTBEAT_CHECK_ID = 'heartbeat';

export interface CheckState {
  readonly status: CheckStatus;
  /** Milliseconds since 1970 since which it has this status. */
  readonly since: number;
  /** What was said when it got this status; what was said since is in its observation. */
  readonly output: string;
}

/** A check and what it came to. */
export type Check = (CheckDefinition | HeartbeatCheck) & CheckState;

/** What was declared of a check; undefined for the lease, which is not. */
export function extractCheckDefinition(check: Check): CheckDefinition | undefined {
  if (check.kind === 'heartbeat') return undefined;
  const { status: _, since: __, output: ___, ...definition } = check;
  return definition;
}

/** The latest that was heard of a check. It moves no index. */
export interface CheckObservation {
  readonly status: CheckStatus;
  readonly output: string;
  /** How long a probe took, in milliseconds. */
  readonly latencyMs?: number;
  /** What a probe was answered. */
  readonly httpStatus?: number;
}

/** A status for a check, by the instance itself or by a probe. */
export interface CheckReport {
  readonly kind: CheckDefinition['kind'];
  readonly checkId: string;
  /** Whose check it is; where it is not said, whoever registered a check with this id last. */
  readonly instance?: { readonly service: string; readonly instanceId: string } | undefined;
  /** The process that was asked: a report about another one is dropped. */
  readonly incarnation?: number;
  /** What the check comes to. */
  readonly status: CheckStatus;
  /** What was seen this time: a probe's first failure leaves the check as it was. */
  readonly observation: CheckObservation;
}
