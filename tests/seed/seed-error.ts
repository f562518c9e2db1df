import type { GatewayResponse, GatewayClient } from './gateway-client.ts';

/** The reason why the sample data cannot be loaded, as a sentence for the user at the terminal. */
export class SeedError extends Error {}

/** The gateway, with a SeedError for every fatal failure: no response, too many requests, an outage. */
export function withSeedErrors(gateway: GatewayClient, url: string): GatewayClient {
  return async (method, path, options) => {
    const response = await gateway(method, path, options).catch((error: unknown) => {
      throw new SeedError(describeConnectionFailure(url, error), { cause: error });
    });
    if (response.status === 429) throw new SeedError(describeRateLimit(response));
    if (response.status >= 500)
      throw new SeedError(
        `${describeResponse(`${method} ${path}`, response)}\nAre all services up? ${url}/health says who is not. Then run this again: it goes on where it stopped.`,
      );
    return response;
  };
}

/** "POST /api/users got the status 400: …" */
export function describeResponse(request: string, { status, text }: GatewayResponse): string {
  return `${request} got the status ${status}: ${text}`;
}

function describeConnectionFailure(url: string, error: unknown): string {
  const cause = Error.isError(error) && Error.isError(error.cause) ? error.cause.message : String(error);
  return [
    `No gateway answers at ${url} (${cause}).`,
    'Start Plaza with `npm start` and run this again. For another address:',
    '  PLAZA_URL=http://localhost:3005 npm run seed',
  ].join('\n');
}

function describeRateLimit({ headers }: GatewayResponse): string {
  const seconds = headers.get('retry-after');
  const when = seconds === null ? 'later' : `in ${seconds} seconds`;
  return [
    `The gateway's rate limit is reached: try again ${when}; the command continues where it stopped.`,
    'Or start Plaza without limits: RATE_LIMIT_ANONYMOUS=off RATE_LIMIT_USER=off npm start',
  ].join('\n');
}
