import { create } from 'axios';
import type { Ejection } from '../ejection/ejection.ts';
import type { Instance } from '../instance.ts';
import type { DiscoveryMetrics } from '../metrics.ts';
import { createAgents } from './agents.ts';
import type { ServiceCall } from './call.ts';
import { failedBy, type Outcome } from './outcome.ts';

export interface TryOptions {
  readonly ejection: Ejection<Instance>;
  readonly metrics: DiscoveryMetrics;
  readonly upstream: string;
  /** Bytes of an answer at most. */
  readonly mostBytes: number;
}

/** Makes a call at one instance, and lets the ejection know what came of it. Never rejects. */
export type Try = (
  instance: Instance,
  call: Pick<ServiceCall, 'method' | 'path' | 'data'>,
  how: { headers: Record<string, string>; signal: AbortSignal },
) => Promise<Outcome>;

export function createTry({ ejection, metrics, upstream, mostBytes }: TryOptions): Try {
  const http = create({
    ...createAgents(),
    maxContentLength: mostBytes,
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
  });

  function judge(instance: Instance, outcome: Outcome): void {
    if (outcome.kind === 'answered') {
      if (outcome.response.status < 500) ejection.succeeded(instance);
      else ejection.failed(instance, 'error');
    } else if (outcome.crossed) ejection.abandoned(instance);
    else ejection.failed(instance, outcome.kind);
  }

  return async (instance, { method, path, data }, { headers, signal }) => {
    const ended = metrics.tries.startTimer({ upstream, method });
    ejection.began(instance);
    const outcome = await http
      .request<unknown>({ baseURL: instance.url, url: path, method, data, headers, signal })
      .then(
        (response): Outcome => ({ kind: 'answered', response }),
        (error: unknown): Outcome => failedBy(error, signal.aborted),
      );
    judge(instance, outcome);
    ended({ outcome: outcome.kind === 'answered' ? outcome.response.status : outcome.kind });
    return outcome;
  };
}
