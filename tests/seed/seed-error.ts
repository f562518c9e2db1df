import type { GatewayResponse, GatewayClient } from './gateway-client.ts';

/** Why the marketplace cannot be loaded, in words for whoever wants it loaded. */
export class SeedError extends Error {}

/** The gateway, with a sentence instead of what nobody can go on with: no answer, too many requests, an outage. */
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

/** "POST /api/users was answered with 400: …" */
export function describeResponse(request: string, { status, text }: GatewayResponse): string {
  return `${request} was answered with ${status}: ${text}`;
}

function describeConnectionFailure(url: string, error: unknown): string {
  const cause = Error.isError(error) && Error.isError(error.cause) ? error.cause.message : String(error);
  return [
    `No Plaza answers at ${url} (${cause}).`,
    'Start it with `npm start` and run this again beside it. Where it is elsewhere:',
    '  PLAZA_URL=http://localhost:3005 npm run seed',
  ].join('\n');
}

function describeRateLimit({ headers }: GatewayResponse): string {
  const seconds = headers.get('retry-after');
  const when = seconds === null ? 'later' : `in ${seconds} seconds`;
  return [
    `The gateway takes no more requests from here for now: try again ${when}, it goes on where it stopped.`,
    'Or start Plaza without the limits: RATE_LIMIT_ANONYMOUS=off RATE_LIMIT_USER=off npm start',
  ].join('\n');
}
