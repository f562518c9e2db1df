import { randomUUID } from 'node:crypto';
import type { PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';
import { schema, type CorrelationIdConfig } from './schema.ts';

/** Ids that a client may choose. Other characters could break a log. */
const VALID_ID = /^[\w.:#-]{1,128}$/;

/** The header of Plaza's request id, which service-kit sets on requests and responses. */
const REQUEST_ID = 'x-request-id';

/** Adds an id header to each request without a valid one. */
export const correlationId: PluginDefinition<CorrelationIdConfig> = {
  name: 'correlation-id',
  priority: 100_001,
  schema: schema.describe('Adds an id header to each request without a valid one.'),
  create: ({ header_name, generator, echo_downstream }) => {
    const generate = createGenerators()[generator];
    return {
      access: (requestContext) => {
        if (header_name === REQUEST_ID) return;
        const sent = requestContext.headers[header_name];
        const id = typeof sent === 'string' && VALID_ID.test(sent) ? sent : generate(requestContext);
        requestContext.headers[header_name] = id;
        if (echo_downstream) requestContext.responseHeaders.set(header_name, id);
      },
      headerFilter: (requestContext, { headers }) => {
        const id = requestContext.headers[header_name];
        if (echo_downstream && header_name !== REQUEST_ID && typeof id === 'string')
          headers.set(header_name, id);
      },
    };
  },
};

function createGenerators(): Readonly<
  Record<'uuid' | 'uuid#counter' | 'tracker', (requestContext: RequestContext) => string>
> {
  const worker = randomUUID();
  let counter = 0;
  return {
    uuid: () => randomUUID(),
    'uuid#counter': () => {
      counter += 1;
      return `${worker}#${counter}`;
    },
    tracker: ({ request: { socket } }) => {
      counter += 1;
      const seconds = (Date.now() / 1_000).toFixed(3);
      return [socket.localAddress, socket.localPort, process.pid, socket.remotePort, counter, seconds].join(
        '-',
      );
    },
  };
}
