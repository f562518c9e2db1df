import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type RequestBehaviour = (request: IncomingMessage, response: ServerResponse) => void;

export const respondWithStatus =
  (code: number, headers: Record<string, string> = {}): RequestBehaviour =>
  (_request, response) =>
    response.writeHead(code, headers).end();

export const neverRespond: RequestBehaviour = () => undefined;

export interface FakeInstance {
  readonly url: string;
  /** The received requests, the latest last. */
  readonly requests: readonly IncomingMessage[];
  /** The maximum of concurrent requests. */
  readonly maxConcurrentRequests: () => number;
  setBehaviour(behaviour: RequestBehaviour): void;
  close(): Promise<void>;
}

/** The server of an instance, which the registry probes. */
export async function startFakeInstance(
  first: RequestBehaviour = respondWithStatus(200),
): Promise<FakeInstance> {
  let behaviour = first;
  let underWay = 0;
  let most = 0;
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    underWay += 1;
    most = Math.max(most, underWay);
    response.once('close', () => {
      underWay -= 1;
    });
    requests.push(request);
    behaviour(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const { port }: Pick<AddressInfo, 'port'> =
    typeof address === 'object' && address !== null ? address : { port: 0 };
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    maxConcurrentRequests: () => most,
    setBehaviour: (next) => {
      behaviour = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
