import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { rm } from 'node:fs/promises';
import { json } from 'node:stream/consumers';
import { createDuties, type Duties } from './duties.ts';
import { keeperVariable, ownerHeader, requests } from './protocol.ts';
import { deadRuns, runDirectory } from './run-directory.ts';

/** Keeps the servers of a test run: starts each when a test file first asks, and ends them with the run. */
export interface Keeper {
  close(): Promise<void>;
}

/** Starts a keeper and tells child processes of this one, by the environment, where it listens. */
export async function startKeeper(): Promise<Keeper> {
  for (const directory of await deadRuns()) await rm(directory, { recursive: true, force: true });
  const duties = createDuties(runDirectory);
  const server = createServer((request, response) => void answer(duties, request, response));
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has an address.');
  process.env[keeperVariable] = `http://127.0.0.1:${address.port}`;
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      await duties.end();
      await rm(runDirectory, { recursive: true, force: true });
    },
  };
}

async function answer(duties: Duties, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A worker that is busy for seconds would next write to a kept connection that has been closed meanwhile.
  response.setHeader('Connection', 'close');
  try {
    const name = (request.url ?? '').slice(1);
    const perform = Object.hasOwn(calls, name) ? calls[name] : undefined;
    if (perform === undefined) throw new Error(`The keeper knows no ${name}.`);
    const result = await perform(duties, String(request.headers[ownerHeader]), await json(request));
    response.end(JSON.stringify(result));
  } catch (error) {
    response.statusCode = 500;
    response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  }
}

type Call = (duties: Duties, owner: string, body: unknown) => Promise<unknown>;

const calls: Readonly<Record<string, Call>> = {
  space: (duties, owner, body) => duties.space(owner, requests.space.parse(body)),
  server: (duties, owner, body) => duties.server(owner, requests.server.parse(body)),
  service: (duties, owner, body) => duties.service(owner, requests.service.parse(body)),
  stack: (duties, owner, body) => duties.stack(owner, requests.stack.parse(body)),
  control: (duties, owner, body) => duties.control(owner, requests.control.parse(body)),
  logs: (duties, owner, body) => duties.logs(owner, requests.logs.parse(body)),
  browser: (duties, owner, body) => duties.browser(owner, requests.browser.parse(body)),
};
