import { Unauthorized } from '@plaza/errors';
import { z } from 'zod';
import type { CatalogReader } from '../../domain/catalog-reader.ts';
import type { Instance } from '../../domain/instance.ts';
import { NothingKnown, ServiceNotFound } from '../../domain/registry.errors.ts';
import { findApplicationInstance } from './applications.ts';
import { toAppName } from './instance-info.ts';

export const instanceParams = z.object({ app: z.string(), id: z.string() });

/** The errors of a route that changes an existing instance. */
export const instanceErrors = [Unauthorized, NothingKnown, ServiceNotFound];

/** @throws {ServiceNotFound} */
export async function findInstance(
  catalogReader: Pick<CatalogReader, 'read'>,
  app: string,
  id: string,
): Promise<Instance> {
  const instance = findApplicationInstance((await catalogReader.read()).catalog, app, id);
  if (instance === undefined) throw new ServiceNotFound(`${toAppName(app)} has no instance ${id}.`);
  return instance;
}
