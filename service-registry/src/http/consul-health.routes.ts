import { route, type Route } from '@plaza/service-kit';
import { z } from 'zod';
import { indexOf, instancesOf } from '../domain/catalogue.ts';
import { isPassing } from '../domain/instance.ts';
import type { Directory, Reading } from '../domain/directory.ts';
import { NothingKnown, RegistryDraining } from '../domain/registry.errors.ts';
import { healthEntryOf } from './consul-entry.ts';
import { consulErrors, healthEntry, healthParams, healthQuery } from './consul.schemas.ts';
import { freshness } from './freshness.ts';

export interface ConsulHealthRoutesOptions {
  readonly directory: Directory;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The part of Consul's health API by which clients discover (https://developer.hashicorp.com/consul/api-docs/health). */
export function consulHealthRoutes({ directory, random }: ConsulHealthRoutesOptions): Route[] {
  return [
    route({
      tag: 'Consul',
      method: 'get',
      path: '/v1/health/service/:service',
      summary: 'The instances of a service, at once or when they change',
      auth: 'none',
      input: { params: healthParams, query: healthQuery },
      answers: { 200: z.array(healthEntry) },
      errors: [NothingKnown, RegistryDraining],
      errorFormat: consulErrors,
      handle: async ({ params: { service }, query: { passing, index, wait }, request }) => {
        const gone = new AbortController();
        request.res?.once('close', () => gone.abort());
        const jitter = random() * (wait / 16);
        const reading =
          index === 0
            ? await directory.read()
            : await directory.readAfter(
                (catalogue) => indexOf(catalogue, service),
                index,
                wait + jitter,
                gone.signal,
              );
        const modified = indexOf(reading.catalogue, service);
        const instances = instancesOf(reading.catalogue, service)
          .filter((instance) => !passing || isPassing(instance))
          .map((instance) => healthEntryOf(instance, modified));
        return { status: 200, body: instances, headers: consulHeaders(reading, modified) };
      },
    }),
  ];
}

/** Consul's headers, and beside them the epoch: a list of another epoch may not be complete yet. */
function consulHeaders(reading: Reading, index: number): Record<string, string> {
  return {
    'X-Consul-Index': String(index),
    'X-Consul-KnownLeader': String(reading.staleMs === undefined),
    'X-Consul-LastContact': String(reading.staleMs ?? 0),
    'X-Registry-Epoch': reading.catalogue.epoch,
    ...freshness(reading),
  };
}
