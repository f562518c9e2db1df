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
  /** The parsed JSON; undefined where it is none. */
  readonly body: unknown;
}

/** Plaza's public API, as anybody has it: `gateway('POST', '/api/users', { body })`. */
export type GatewayClient = (
  method: string,
  path: string,
  options?: GatewayRequestOptions,
) => Promise<GatewayResponse>;

/** Ten times what an answer may take: whoever waits longer waits for something that hangs. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Its calls throw where nothing answers (a `TypeError` of fetch), and for no status. */
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
