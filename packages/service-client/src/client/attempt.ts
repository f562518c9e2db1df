import { create } from 'axios';
import type { ServiceInstance } from '@plaza/discovery';
import type { OutlierDetector } from '../outlier-detection/outlier-detection.ts';
import type { ServiceClientMetrics } from '../metrics.ts';
import { createHttpAgents } from './http-agents.ts';
import type { ServiceRequest } from './service-request.ts';
import { toFailedAttempt, type AttemptResult } from './attempt-result.ts';

export interface RequestAttemptOptions {
  readonly outlierDetector: OutlierDetector<ServiceInstance>;
  readonly metrics: ServiceClientMetrics;
  readonly upstream: string;
  /** Bytes of an answer at most. */
  readonly maxResponseBytes: number;
}

/** Makes a call at one instance, and tells the outlier detector what came of it. Never rejects. */
export type RequestAttempt = (
  instance: ServiceInstance,
  call: Pick<ServiceRequest, 'method' | 'path' | 'data'>,
  how: { headers: Record<string, string>; signal: AbortSignal },
) => Promise<AttemptResult>;

export function createRequestAttempt({
  outlierDetector,
  metrics,
  upstream,
  maxResponseBytes,
}: RequestAttemptOptions): RequestAttempt {
  const http = create({
    ...createHttpAgents(),
    maxContentLength: maxResponseBytes,
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
  });

  function reportOutcome(instance: ServiceInstance, result: AttemptResult): void {
    if (result.kind === 'answered') {
      if (result.response.status < 500) outlierDetector.onSuccess(instance);
      else outlierDetector.onFailure(instance, 'error');
    } else if (result.staleConnection) outlierDetector.onAbort(instance);
    else outlierDetector.onFailure(instance, result.kind);
  }

  return async (instance, { method, path, data }, { headers, signal }) => {
    const ended = metrics.attempts.startTimer({ upstream, method });
    outlierDetector.onStart(instance);
    const outcome = await http
      .request<unknown>({ baseURL: instance.url, url: path, method, data, headers, signal })
      .then(
        (response): AttemptResult => ({ kind: 'answered', response }),
        (error: unknown): AttemptResult => toFailedAttempt(error, signal.aborted),
      );
    reportOutcome(instance, outcome);
    ended({ outcome: outcome.kind === 'answered' ? outcome.response.status : outcome.kind });
    return outcome;
  };
}
