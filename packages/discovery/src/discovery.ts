import { hostname } from 'node:os';
import type { BaseConfig, HealthCheckRegistry, Lifecycle, Logger, Metrics } from '@plaza/service-kit';
import type { DiscoveryConfig } from './config.ts';
import { createDiscoveryMetrics, type DiscoveryMetrics } from './metrics.ts';
import { createRegistration, type RegistrationComponent } from './registration.ts';
import { createRegistryClient, type RegistryClient } from './registry-client.ts';
import { createRegistryHealthCheck } from './registry-health-check.ts';
import {
  createServiceWatch,
  INSTANCE_SOURCES,
  type InstanceSnapshot,
  type ServiceWatch,
} from './service-watch.ts';

export interface DiscoveryOptions {
  readonly config: DiscoveryConfig & Pick<BaseConfig, 'SERVICE_NAME' | 'SERVICE_VERSION' | 'PORT'>;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: HealthCheckRegistry;
  readonly metrics: Pick<Metrics, 'registry'>;
  /** Facts about this process for others to see. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Whether this process is in the registry itself. Default true; of several that are one instance, one is. */
  readonly register?: boolean;
}

export interface Discovery {
  /**
   * Follows another service; the same watch for the same name. It starts and ends with the service.
   * @param fallbackUrl used where the registry has no instance.
   */
  watch(service: string, fallbackUrl?: string): ServiceWatch;
}

/**
 * A service's place among the others: once it is ready it is registered under SERVICE_NAME, with heartbeats,
 * until it drains; and it can follow the others. Without REGISTRY_URL it does neither, and a watch knows its
 * fallback alone.
 */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { config, logger, lifecycle, health } = options;
  const registry = createRegistryClient({ urls: config.REGISTRY_URL, token: config.REGISTRY_TOKEN });
  const metrics = createDiscoveryMetrics(options.metrics.registry);
  const watches = new Map<string, ServiceWatch>();
  let started = false;
  lifecycle.add({
    name: 'discovery',
    start: async () => {
      started = true;
      await Promise.all([...watches.values()].map((watch) => watch.start()));
    },
    close: async () => {
      await Promise.all([...watches.values()].map((watch) => watch.close()));
    },
  });
  if (registry.urls.length > 0 && options.register !== false) {
    const registration = createOwnRegistration(options, registry);
    lifecycle.add(registration);
    health.add(createRegistryHealthCheck(registry, registration, watches));
  }
  return {
    watch: (service, fallbackUrl) => {
      const known = watches.get(service);
      if (known !== undefined) return known;
      const watch = createServiceWatch({ registry, service, fallbackUrl, logger });
      watches.set(service, watch);
      recordMetrics(watch, metrics);
      if (started) void watch.start();
      return watch;
    },
  };
}

function createOwnRegistration(options: DiscoveryOptions, registry: RegistryClient): RegistrationComponent {
  const { config, logger, metadata = {} } = options;
  const host = hostname().replaceAll(/[^\w.-]/g, '-');
  const url = (config.SERVICE_URL ?? `http://${host}:${config.PORT}`).replace(/\/+$/, '');
  const { port, protocol } = new URL(url);
  return createRegistration({
    registry,
    logger,
    self: {
      service: config.SERVICE_NAME,
      instanceId: `${config.SERVICE_NAME}-${host}-${port || (protocol === 'https:' ? 443 : 80)}`,
      url,
      healthCheckUrl: `${url}/health/ready`,
      version: config.SERVICE_VERSION,
      weight: config.SERVICE_WEIGHT,
      tags: config.SERVICE_TAGS,
      metadata,
      incarnation: Date.now(),
    },
  });
}

function recordMetrics(watch: ServiceWatch, { instances, ages }: DiscoveryMetrics): void {
  const { service: upstream } = watch;
  const show = (snapshot: InstanceSnapshot) => {
    for (const source of INSTANCE_SOURCES)
      instances.set({ upstream, source }, source === snapshot.source ? snapshot.instances.length : 0);
  };
  show(watch.current());
  watch.onChange(show);
  ages.set(upstream, watch.ageMs);
}
