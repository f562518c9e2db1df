import { listen, type Component, type ListeningServer, type Logger } from '@plaza/service-kit';
import type { RequestListener } from 'node:http';
import { adminApiListenFailed, adminApiListening, adminApiUnprotected } from '../control.log-events.ts';

export interface AdminServerOptions {
  readonly host: string;
  readonly port: number;
  /** True if requests need a token. */
  readonly authenticated: boolean;
}

/** True for an address that only this machine can reach. */
export const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host);

/** Listens on the Admin API's own port. If the port is in use, the gateway runs without the Admin API. */
export function createAdminServer(
  app: RequestListener,
  options: AdminServerOptions,
  logger: Logger,
): Component {
  const { host, port, authenticated } = options;
  let server: ListeningServer | undefined;
  return {
    name: 'admin',
    start: async () => {
      try {
        server = await listen(app, port, host);
        logger.info(adminApiListening, { host, port: server.port });
      } catch (error) {
        logger.error(adminApiListenFailed, { host, port, error });
      }
      if (!authenticated && !isLoopback(host)) logger.warn(adminApiUnprotected, { host });
    },
    close: async () => server?.close(),
  };
}
