export interface GatewayRequestOptions {
  /** An access token. */
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GatewayResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed JSON; undefined if the body is no JSON. */
  readonly body: unknown;
}

/** Plaza's public API: `gateway('POST', '/api/users', { body })`. */
export type GatewayClient = (
  method: string,
  path: string,
  options?: GatewayRequestOptions,
) => Promise<GatewayResponse>;

/** Ten times the longest expected response time: a later response means that a part hangs. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Its calls throw if no server answers (fetch's `TypeError`), but for no status. */
export function createGatewayClient(url: string): GatewayClient {
  return async (method, path, { token, body, headers = {} } = {}) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...headers,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  };
}
