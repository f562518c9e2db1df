/** Header names match without regard to case and are sent as they are written. */
export interface ResponseHeaders {
  get(name: string): string | undefined;
  has(name: string): boolean;
  set(name: string, value: string | readonly string[]): void;
  append(name: string, value: string): void;
  remove(name: string): void;
  names(): Iterable<string>;
}

/** Status and headers of the upstream response, before the gateway sends any of it. */
export interface UpstreamResponseHead {
  status: number;
  readonly headers: ResponseHeaders;
}

/** Observes a response body without delaying it. */
export interface BodyFilter {
  chunk(data: Buffer): void;
  /** @param complete false if the upstream response broke off. */
  end(complete: boolean): void;
}
