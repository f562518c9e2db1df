import type { HealthCheckRegistry } from '@plaza/service-kit';
import type { ReconnectingConnection } from './connection/reconnecting-connection.ts';
import type { Subscription } from './consumer/subscription.ts';

/**
 * Adds two checks. `rabbitmq`: without the broker the service is unhealthy but ready, because it still answers
 * requests and its outboxes store its events. `consumers`: a consumer that does not consume although the broker is
 * there makes this instance not ready.
 */
export function addBrokerHealth(
  health: HealthCheckRegistry,
  reconnectingConnection: ReconnectingConnection,
  subscriptions: () => readonly Subscription[],
): void {
  health.add({
    name: 'rabbitmq',
    group: 'externalServices',
    required: true,
    affectsReadiness: false,
    check: async () => {
      const status = reconnectingConnection.status();
      if (!status.connected) throw new Error(`not connected: ${status.reason}`);
      if (status.blocked !== undefined) throw new Error(`accepts no messages: ${status.blocked}`);
      return undefined;
    },
  });
  health.add({
    name: 'consumers',
    group: 'externalServices',
    required: true,
    check: async () => {
      const problems = subscriptions().flatMap((subscription) => subscription.problem() ?? []);
      if (problems.length > 0 && reconnectingConnection.status().connected)
        throw new Error(problems.join('; '));
      return { consuming: subscriptions().length - problems.length, declared: subscriptions().length };
    },
  });
}
