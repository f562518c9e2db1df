import type { Answer, Gateway } from './gateway.ts';

/** Why the marketplace cannot be loaded, in words for whoever wants it loaded. */
export class SeedStopped extends Error {}

/** The gateway, with a sentence instead of what nobody can go on with: no answer, too many requests, an outage. */
export function explained(gateway: Gateway, url: string): Gateway {
  return async (method, path, ask) => {
    const answer = await gateway(method, path, ask).catch((error: unknown) => {
      throw new SeedStopped(noAnswer(url, error), { cause: error });
    });
    if (answer.status === 429) throw new SeedStopped(tooMany(answer));
    if (answer.status >= 500)
      throw new SeedStopped(
        `${refusal(`${method} ${path}`, answer)}\nAre all services up? ${url}/health says who is not. Then run this again: it goes on where it stopped.`,
      );
    return answer;
  };
}

/** "POST /api/users was answered with 400: …" */
export function refusal(request: string, { status, text }: Answer): string {
  return `${request} was answered with ${status}: ${text}`;
}

function noAnswer(url: string, error: unknown): string {
  const cause = Error.isError(error) && Error.isError(error.cause) ? error.cause.message : String(error);
  return [
    `No Plaza answers at ${url} (${cause}).`,
    'Start it with `npm start` and run this again beside it. Where it is elsewhere:',
    '  PLAZA_URL=http://localhost:3005 npm run seed',
  ].join('\n');
}

function tooMany({ headers }: Answer): string {
  const seconds = headers.get('retry-after');
  const when = seconds === null ? 'later' : `in ${seconds} seconds`;
  return [
    `The gateway takes no more requests from here for now: try again ${when}, it goes on where it stopped.`,
    'Or start Plaza without the limits: RATE_LIMIT_ANONYMOUS=off RATE_LIMIT_USER=off npm start',
  ].join('\n');
}
