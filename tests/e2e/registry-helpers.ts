import type { ServiceProcess } from '@plaza/local-stack/testing';
import { z } from 'zod';

const entries = z.array(z.object({ Service: z.object({ Meta: z.object({ url: z.string() }) }) }));

/** Where the registry says that instances of a service answer. */
export async function getPassingInstances(registry: ServiceProcess, service: string): Promise<string[]> {
  const response = await fetch(`${registry.url}/v1/health/service/${service}?passing`);
  return entries.parse(await response.json()).map(({ Service }) => Service.Meta.url);
}

/** The value of a metric of a service under these labels; undefined where it has none. */
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

/** How many instances of a service another one knows from the registry. */
export async function countDiscoveredInstances(by: ServiceProcess, upstream: string): Promise<number> {
  return (await getMetric(by, 'discovery_instances', { upstream, source: 'registry' })) ?? 0;
}
