import type { BodyReply } from '@plaza/service-kit';
import type { Request } from 'express';
import type { Catalogue } from '../../domain/catalogue.ts';
import type { Directory, Reading } from '../../domain/directory.ts';
import { freshness } from '../freshness.ts';
import type { ListQuery } from './query.schemas.ts';

export interface ListOptions {
  readonly directory: Directory;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface Asked {
  readonly request: Request;
  readonly query: ListQuery;
}

export interface ListSpec<Item> {
  /** The index that the list is at. */
  readonly indexIn: (catalogue: Catalogue) => number;
  /** All that could be answered; what the query filters out is left out here. */
  readonly items: (catalogue: Catalogue) => readonly Item[];
}

/** A list, as a route answers it. */
export interface List<Item> extends BodyReply {
  readonly body: readonly Item[];
}

/** Answers a list at once or, as Consul's blocking queries do, when it changes. */
export async function answerList<Item>(
  options: ListOptions,
  { request, query }: Asked,
  { indexIn, items }: ListSpec<Item>,
): Promise<List<Item>> {
  const { catalogue, ...reading } = await readBlocking(options, request, query, indexIn);
  return {
    status: 200,
    body: filtered(items(catalogue), query),
    headers: consulHeaders({ catalogue, ...reading }, indexIn(catalogue)),
  };
}

/** What a query's filter leaves. */
export function filtered<Item>(
  items: readonly Item[],
  { filter = () => true }: Pick<ListQuery, 'filter'>,
): readonly Item[] {
  return items.filter((item) => filter(item));
}

/** At once for an index of 0, else when the index is another or the time is up, or the caller has gone. */
export async function readBlocking(
  { directory, random }: ListOptions,
  request: Request,
  { index, wait }: Pick<ListQuery, 'index' | 'wait'>,
  indexIn: (catalogue: Catalogue) => number,
): Promise<Reading> {
  if (index === 0) return directory.read();
  const gone = new AbortController();
  request.res?.once('close', () => gone.abort());
  const jitter = random() * (wait / 16);
  return directory.readAfter(indexIn, index, wait + jitter, gone.signal);
}

/** Consul's headers, and beside them the epoch: a list of another epoch may not be complete yet. */
export function consulHeaders(reading: Reading, index: number): Record<string, string> {
  return {
    'X-Consul-Index': String(index),
    'X-Consul-KnownLeader': String(reading.staleMs === undefined),
    'X-Consul-LastContact': String(reading.staleMs ?? 0),
    'X-Registry-Epoch': reading.catalogue.epoch,
    ...freshness(reading),
  };
}
