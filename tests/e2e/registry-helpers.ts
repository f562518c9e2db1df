import type { ServiceProcess } from '@plaza/local-stack/testing';
import { z } from 'zod';

const entries = z.array(z.object({ Service: z.object({ Meta: z.object({ url: z.string() }) }) }));

/** The URLs of a service's instances in the registry. */
export async function getPassingInstances(registry: ServiceProcess, service: string): Promise<string[]> {
  const response = await fetch(`${registry.url}/v1/health/service/${service}?passing`);
  return entries.parse(await response.json()).map(({ Service }) => Service.Meta.url);
}

/** The value of a service's metric with these labels; undefined if there is none. */
export async function getMetric(
  { url }: ServiceProcess,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = page
    .split('\n')
    .find((line) => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label)));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

/** The number of instances of a service that another service has from the registry. */
export async function countDiscoveredInstances(by: ServiceProcess, upstream: string): Promise<number> {
  return (await getMetric(by, 'discovery_instances', { upstream, source: 'registry' })) ?? 0;
}
