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
  /** The index that the list is at. */
  readonly indexIn: (catalog: Catalog) => number;
  /** All that could be answered; what the query filters out is left out here. */
  readonly items: (catalog: Catalog) => readonly Item[];
}

/** A list, as a route answers it. */
export interface ListReply<Item> extends JsonReply {
  readonly body: readonly Item[];
}

/** Answers a list at once or, as Consul's blocking queries do, when it changes. */
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

/** What a query's filter leaves. */
export function applyFilter<Item>(
  items: readonly Item[],
  { filter = () => true }: Pick<ListQuery, 'filter'>,
): readonly Item[] {
  return items.filter((item) => filter(item));
}

/** At once for an index of 0, else when the index is another or the time is up, or the caller has gone. */
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

/** Consul's headers, and beside them the epoch: a list of another epoch may not be complete yet. */
export function consulHeaders(catalogSnapshot: CatalogSnapshot, index: number): Record<string, string> {
  return {
    'X-Consul-Index': String(index),
    'X-Consul-KnownLeader': String(catalogSnapshot.staleMs === undefined),
    'X-Consul-LastContact': String(catalogSnapshot.staleMs ?? 0),
    'X-Registry-Epoch': catalogSnapshot.catalog.epoch,
    ...stalenessHeaders(catalogSnapshot),
  };
}
