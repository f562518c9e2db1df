import { withTimeout } from '@plaza/concurrency';

export interface HealthCheck {
  /** Names the check within its group: `mongodb`. */
  readonly name: string;
  /** The course's three groups; any other name makes a group of its own. */
  readonly group: 'database' | 'externalServices' | 'system' | (string & {});
  /**
   * Whether the service can do its own work without it. Only a service's own dependencies: if readiness
   * asked other services, one outage would become all of them.
   */
  readonly required: boolean;
  /** Whether traffic should stop coming without it. Default: as `required`; false where part of the work goes on. */
  readonly affectsReadiness?: boolean;
  /** Resolves with facts to show, or rejects with what is wrong. */
  check(): Promise<Readonly<Record<string, unknown>> | undefined>;
}

export interface HealthCheckResult {
  readonly status: 'healthy' | 'unhealthy';
  readonly latencyMs: number;
  readonly error?: string;
  readonly [fact: string]: unknown;
}

export interface HealthGroupResult {
  readonly status: 'healthy' | 'unhealthy';
  readonly [check: string]: HealthCheckResult | string;
}

export interface HealthReport {
  readonly status: 'healthy' | 'unhealthy';
  readonly timestamp: string;
  readonly service: string;
  readonly version: string;
  readonly checks: Readonly<Record<string, HealthGroupResult>>;
}

export interface HealthCheckRegistry {
  /** Adds a check; later ones of the same group and name replace earlier ones. */
  add(check: HealthCheck): void;
  /** Everything, for a person. */
  report(): Promise<HealthReport>;
  /** Whether traffic should come: started, not draining, own dependencies there. */
  ready(): Promise<{ ready: boolean; reasons: string[] }>;
  /** Set by the lifecycle: why no traffic should come (`starting`, `draining`), or undefined. */
  setNotReady(reason: string | undefined): void;
}

const CHECK_TIMEOUT_MS = 2_000;

/** The named checks of one service, and the reports made from them. A check that takes 2 s has failed. */
export function createHealthCheckRegistry(about: { service: string; version: string }): HealthCheckRegistry {
  const checks = new Map<string, HealthCheck>();
  let held: string | undefined = 'starting';

  async function runAll(which: (check: HealthCheck) => boolean) {
    const chosen = [...checks.values()].filter(which);
    return Promise.all(chosen.map(async (check) => ({ check, result: await runCheck(check) })));
  }

  const health: HealthCheckRegistry = {
    add: (check) => checks.set(`${check.group}/${check.name}`, check),
    setNotReady: (reason) => {
      held = reason;
    },
    report: async () => {
      const results = await runAll(() => true);
      const groups: Record<string, HealthGroupResult> = {
        database: { status: 'healthy' },
        externalServices: { status: 'healthy' },
        system: { status: 'healthy' },
      };
      for (const { check, result } of results) {
        const group = groups[check.group] ?? { status: 'healthy' };
        const status = result.status === 'healthy' ? group.status : 'unhealthy';
        groups[check.group] = { ...group, status, [check.name]: result };
      }
      const broken = results.some(({ check, result }) => check.required && result.status === 'unhealthy');
      return {
        status: broken || held !== undefined ? 'unhealthy' : 'healthy',
        timestamp: new Date().toISOString(),
        ...about,
        checks: groups,
      };
    },
    ready: async () => {
      if (held !== undefined) return { ready: false, reasons: [held] };
      const results = await runAll(({ required, affectsReadiness = required }) => affectsReadiness);
      const reasons = results
        .filter(({ result }) => result.status === 'unhealthy')
        .map(({ check, result }) => `${check.name}: ${result.error ?? 'unhealthy'}`);
      return { ready: reasons.length === 0, reasons };
    },
  };
  health.add({ name: 'process', group: 'system', required: false, check: collectProcessInfo });
  return health;
}

async function runCheck(check: HealthCheck): Promise<HealthCheckResult> {
  const started = performance.now();
  const latencyMs = () => Math.round(performance.now() - started);
  try {
    const facts = await withTimeout(check.check(), CHECK_TIMEOUT_MS);
    return { status: 'healthy', latencyMs: latencyMs(), ...facts };
  } catch (error) {
    const reason = Error.isError(error) ? error.message : String(error);
    return { status: 'unhealthy', latencyMs: latencyMs(), error: reason };
  }
}

async function collectProcessInfo() {
  const memory = process.memoryUsage();
  return {
    uptimeSeconds: Math.round(process.uptime()),
    rssBytes: memory.rss,
    heapUsedBytes: memory.heapUsed,
    node: process.version,
  };
}
