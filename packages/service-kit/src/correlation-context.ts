import { AsyncLocalStorage } from 'node:async_hooks';

/** What follows one request through everything it causes, to the last consumer. */
export interface CorrelationContext {
  readonly requestId: string;
  /** The event whose handling this is, if it is one's. */
  readonly causationId?: string;
  /** The W3C trace context that came with the request, if any. */
  readonly traceparent?: string;
  /** The caller's own `Authorization` header, to be passed on. Never logged. */
  readonly authorization?: string;
  /** Who is signed in; set once the token is checked. */
  userId?: string;
}

const storage = new AsyncLocalStorage<CorrelationContext>();

/** Runs `work` so that everything it awaits sees `context`. */
export function withContext<T>(context: CorrelationContext, work: () => T): T {
  return storage.run(context, work);
}

/** The context of the request or message that this code runs for; undefined outside of any. */
export function currentContext(): CorrelationContext | undefined {
  return storage.getStore();
}
