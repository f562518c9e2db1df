import type { RetryBudget } from '@plaza/resilience';
import type { ServiceTokens } from '@plaza/service-kit';
import type { Instance } from '../instance.ts';
import { mayComeTwice, type ServiceAnswer, type ServiceCall } from './call.ts';
import type { Choice } from './choice.ts';
import { NoInstanceKnown, UpstreamUnavailable } from './client.errors.ts';
import { headersFor } from './headers.ts';
import type { Outcome } from './outcome.ts';
import type { Try } from './try.ts';

export interface AskingOptions {
  readonly upstream: string;
  readonly choose: Choice;
  readonly makeTry: Try;
  readonly budget: RetryBudget;
  readonly serviceTokens: Pick<ServiceTokens, 'issue'>;
  /** Milliseconds until the signal that is handed in aborts. */
  readonly timeoutMs: number;
  /** A signal that aborts after so many milliseconds. */
  readonly expiry: (milliseconds: number) => AbortSignal;
}

/** Makes a call at one instance, and where that is worth it at a second. @throws {UpstreamUnavailable} {NoInstanceKnown} */
export type Ask = (call: ServiceCall, signal: AbortSignal) => Promise<ServiceAnswer>;

export function createAsk(options: AskingOptions): Ask {
  const { upstream, choose, makeTry, budget, serviceTokens, timeoutMs, expiry } = options;

  /** The first try gets half of the time where a second one may follow. */
  function patience(call: ServiceCall, first: Instance, signal: AbortSignal): AbortSignal {
    if (!mayComeTwice(call) || choose(first) === undefined) return signal;
    return AbortSignal.any([signal, expiry(timeoutMs / 2)]);
  }

  /** Whom to ask instead, if anybody. */
  function instead(call: ServiceCall, first: Instance, outcome: Outcome): Instance | undefined {
    if (!isWorthAnother(call, outcome)) return undefined;
    const crossed = outcome.kind !== 'answered' && outcome.crossed;
    const second = choose(first) ?? (crossed ? first : undefined);
    return second !== undefined && budget.withdraw() ? second : undefined;
  }

  return async (call, signal) => {
    const headers = await headersFor(call.as, serviceTokens);
    const first = choose();
    if (first === undefined)
      throw new NoInstanceKnown(`No instance of ${upstream} is known.`, { dependency: upstream });
    budget.deposit();
    const outcome = await makeTry(first, call, { headers, signal: patience(call, first, signal) });
    const second = signal.aborted ? undefined : instead(call, first, outcome);
    return answerIn(upstream, second === undefined ? outcome : await makeTry(second, call, { headers, signal })); // prettier-ignore
  };
}

/** What an instance answers that cannot work just now; another may. A 500 is a defect, and everywhere the same. */
const ELSEWHERE: ReadonlySet<number> = new Set([502, 503, 504]);

function isWorthAnother(call: ServiceCall, outcome: Outcome): boolean {
  if (outcome.kind === 'answered') return ELSEWHERE.has(outcome.response.status) && mayComeTwice(call);
  return outcome.unsent || mayComeTwice(call);
}

/** @throws {UpstreamUnavailable} */
function answerIn(upstream: string, outcome: Outcome): ServiceAnswer {
  if (outcome.kind !== 'answered') {
    const { error } = outcome;
    const reason = Error.isError(error) ? error.message : String(error);
    throw new UpstreamUnavailable(`${upstream} cannot be asked: ${reason}.`, {
      dependency: upstream,
      cause: error,
    });
  }
  const { status, data, headers } = outcome.response;
  if (isAnswer(status)) return { status, data };
  const retryAfter = Number(headers['retry-after']);
  throw new UpstreamUnavailable(`${upstream} answers ${status}.`, {
    dependency: upstream,
    ...(retryAfter > 0 ? { retryAfter } : {}),
  });
}

const TOO_MANY_REQUESTS = 429;

/** Redirections are none: nobody moves between our services. */
function isAnswer(status: number): boolean {
  return (status >= 200 && status < 300) || (status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS);
}
