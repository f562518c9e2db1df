import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { rm } from 'node:fs/promises';
import { json } from 'node:stream/consumers';
import { createRequestHandlers, type RequestHandlers } from './request-handlers.ts';
import { managerUrlVariable, testFileHeader, requestSchemas } from './ipc-protocol.ts';
import { findStaleRunDirectories, runDirectory } from './run-directory.ts';

/** Starts each server of a test run at its first use, and ends all with the run. */
export interface TestServerManager {
  close(): Promise<void>;
}

/** Starts the manager, and puts its address into the environment of child processes. */
export async function startTestServerManager(): Promise<TestServerManager> {
  for (const directory of await findStaleRunDirectories())
    await rm(directory, { recursive: true, force: true });
  const handlers = createRequestHandlers(runDirectory);
  const server = createServer((request, response) => void handleRequest(handlers, request, response));
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has an address.');
  process.env[managerUrlVariable] = `http://127.0.0.1:${address.port}`;
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      await handlers.close();
      await rm(runDirectory, { recursive: true, force: true });
    },
  };
}

async function handleRequest(
  handlers: RequestHandlers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Otherwise a worker that is busy for seconds would write to a kept-alive connection that is closed already.
  response.setHeader('Connection', 'close');
  try {
    const name = (request.url ?? '').slice(1);
    const perform = Object.hasOwn(handlersByName, name) ? handlersByName[name] : undefined;
    if (perform === undefined) throw new Error(`The test server manager has no action ${name}.`);
    const result = await perform(handlers, String(request.headers[testFileHeader]), await json(request));
    response.end(JSON.stringify(result));
  } catch (error) {
    response.statusCode = 500;
    response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  }
}

type RequestHandler = (handlers: RequestHandlers, owner: string, body: unknown) => Promise<unknown>;

const handlersByName: Readonly<Record<string, RequestHandler>> = {
  space: (handlers, owner, body) => handlers.space(owner, requestSchemas.space.parse(body)),
  server: (handlers, owner, body) => handlers.server(owner, requestSchemas.server.parse(body)),
  service: (handlers, owner, body) => handlers.service(owner, requestSchemas.service.parse(body)),
  stack: (handlers, owner, body) => handlers.stack(owner, requestSchemas.stack.parse(body)),
  control: (handlers, owner, body) => handlers.control(owner, requestSchemas.control.parse(body)),
  logs: (handlers, owner, body) => handlers.logs(owner, requestSchemas.logs.parse(body)),
  browser: (handlers, owner, body) => handlers.browser(owner, requestSchemas.browser.parse(body)),
};
