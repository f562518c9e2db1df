import type { JsonReply } from '@plaza/service-kit';
import type { Request } from 'express';
import type { Catalog } from '../../domain/catalog.ts';
import type { CatalogReader, CatalogSnapshot } from '../../domain/catalog-reader.ts';
import { stalenessHeaders } from '../staleness-headers.ts';
import type { ListQuery } from './query.schemas.ts';

export interface ListOptions {
  readonly catalogReader: CatalogReader;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface ListRequest {
  readonly request: Request;
  readonly query: ListQuery;
}

export interface ListSpec<Item> {
  /** The index of the list. */
  readonly indexIn: (catalog: Catalog) => number;
  /** The unfiltered list. */
  readonly items: (catalog: Catalog) => readonly Item[];
}

/** The response of a list. */
export interface ListReply<Item> extends JsonReply {
  readonly body: readonly Item[];
}

/** Answers a list at once or, as a blocking query, after its next change. */
export async function handleList<Item>(
  options: ListOptions,
  { request, query }: ListRequest,
  { indexIn, items }: ListSpec<Item>,
): Promise<ListReply<Item>> {
  const catalogSnapshot = await readBlocking(options, request, query, indexIn);
  return {
    status: 200,
    body: applyFilter(items(catalogSnapshot.catalog), query),
    headers: consulHeaders(catalogSnapshot, indexIn(catalogSnapshot.catalog)),
  };
}

/** Applies the query's filter. */
export function applyFilter<Item>(
  items: readonly Item[],
  { filter = () => true }: Pick<ListQuery, 'filter'>,
): readonly Item[] {
  return items.filter((item) => filter(item));
}

/**
 * Reads at once for index 0; otherwise when the index has changed, after the wait time, or when the client
 * disconnects.
 */
export async function readBlocking(
  { catalogReader, random }: ListOptions,
  request: Request,
  { index, wait }: Pick<ListQuery, 'index' | 'wait'>,
  indexIn: (catalog: Catalog) => number,
): Promise<CatalogSnapshot> {
  if (index === 0) return catalogReader.read();
  const gone = new AbortController();
  request.res?.once('close', () => gone.abort());
  const jitter = random() * (wait / 16);
  return catalogReader.readWhenChanged(indexIn, index, wait + jitter, gone.signal);
}

/** Consul's headers and the epoch: after a change of the epoch a list may be incomplete at first. */
export function consulHeaders(catalogSnapshot: CatalogSnapshot, index: number): Record<string, string> {
  return {
    'X-Consul-Index': String(index),
    'X-Consul-KnownLeader': String(catalogSnapshot.staleMs === undefined),
    'X-Consul-LastContact': String(catalogSnapshot.staleMs ?? 0),
    'X-Registry-Epoch': catalogSnapshot.catalog.epoch,
    ...stalenessHeaders(catalogSnapshot),
  };
}
