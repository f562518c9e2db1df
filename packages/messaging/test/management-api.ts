import type { testRabbit } from '@plaza/local-stack/testing';
import { z } from 'zod';

type Management = Awaited<ReturnType<typeof testRabbit>>['management'];

const connections = z.array(
  z.object({
    name: z.string(),
    vhost: z.string(),
    client_properties: z.object({ connection_name: z.string().optional() }),
  }),
);

/** The broker's management API. */
export function createManagementApi({ url, user, password }: Management) {
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: { authorization: `Basic ${btoa(`${user}:${password}`)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.headers.get('content-type')?.includes('json') === true ? response.json() : undefined;
  };
  return {
    call,
    /** Closes the connections of a service; rejects while none is listed: the statistics lag by seconds. */
    closeConnectionsOf: async (service: string, vhost: string) => {
      const open = connections
        .parse(await call('GET', '/connections'))
        .filter((one) => one.vhost === vhost && one.client_properties.connection_name === service);
      if (open.length === 0) throw new Error(`${service} has no connection`);
      for (const { name } of open) await call('DELETE', `/connections/${encodeURIComponent(name)}`);
    },
  };
}
