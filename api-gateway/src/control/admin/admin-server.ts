import { listen, type Component, type ListeningServer, type Logger } from '@plaza/service-kit';
import type { RequestListener } from 'node:http';
import { adminApiListenFailed, adminApiListening, adminApiUnprotected } from '../control.log-events.ts';

export interface AdminServerOptions {
  readonly host: string;
  readonly port: number;
  /** Whether whoever asks must know a token. */
  readonly authenticated: boolean;
}

/** Whether a server that listens there is reached from this machine alone. */
export const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host);

/** The Admin API's own port. Where it is taken the gateway goes on without: traffic matters more. */
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
