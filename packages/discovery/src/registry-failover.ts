export interface RegistryFailoverOptions {
  /** From 0 to 1, without 1. */
  readonly random?: (() => number) | undefined;
  readonly now?: (() => number) | undefined;
}

/** In which order the registries are asked. */
export interface RegistryFailover {
  /** Each once. */
  orderedUrls(): readonly string[];
  /** It did not answer: others are asked before it from now on. */
  markFailed(url: string): void;
}

/** Milliseconds, half more or less by chance: those of Eureka's client (SessionedEurekaHttpClient). */
const SESSION_MS = 20 * 60_000;

/**
 * One is preferred for as long as it answers, chosen by chance, so that clients spread over the registries. From
 * time to time it is chosen anew, or all would be with the last to have been restarted's neighbours for ever.
 */
export function createRegistryFailover(
  urls: readonly string[],
  options: RegistryFailoverOptions = {},
): RegistryFailover {
  const { random = Math.random, now = () => performance.now() } = options;
  let preferred = 0;
  let until = -Infinity;

  function choose(): void {
    preferred = Math.floor(random() * urls.length);
    until = now() + SESSION_MS * (0.5 + random());
  }

  return {
    orderedUrls: () => {
      if (now() >= until) choose();
      return [...urls.slice(preferred), ...urls.slice(0, preferred)];
    },
    markFailed: (url) => {
      if (urls[preferred] === url) preferred = (preferred + 1) % urls.length;
    },
  };
}
