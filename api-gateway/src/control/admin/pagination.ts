import type { Request } from 'express';
import { ok, errorResponse, type AdminResponse } from './responses.ts';

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;

interface Tagged {
  readonly tags: ReadonlySet<string>;
}

/**
 * One page of a list, by Kong's parameters: `size` (100; at most 1,000), `offset` of the next page, and `tags`, of
 * which an entity must have all (`a,b`) or one (`a/b`).
 */
export function paginate<Entity extends Tagged>(
  entities: readonly Entity[],
  request: Request,
  serialize: (entity: Entity) => unknown,
): AdminResponse {
  const [size, offset, tags] = ['size', 'offset', 'tags'].map((name) => queryParam(request, name));
  const limit = size === undefined ? DEFAULT_PAGE_SIZE : parseSize(size);
  if (typeof limit === 'string') return errorResponse(400, { message: limit, name: 'invalid size', code: 9 });
  const start = offset === undefined ? 0 : decodeOffset(offset);
  if (start === undefined) return invalidOffset(offset);
  const wanted = tags === undefined ? matchAll : createTagFilter(tags);
  if (wanted === undefined) return invalidTags;

  const matching = entities.filter(wanted);
  const data = matching.slice(start, start + limit).map(serialize);
  if (start + limit >= matching.length) return ok({ data, next: null });
  const next = encodeOffset(start + limit);
  return ok({ data, offset: next, next: pageUrl(request, { offset: next, tags, size }) });
}

const matchAll = () => true;

/** Kong's rule: the first of several parameters with one name counts. */
function queryParam({ query }: Request, name: string): string | undefined {
  const value = [query[name]].flat()[0];
  return typeof value === 'string' ? value : undefined;
}

function parseSize(text: string): number | string {
  const size = Number(text);
  if (text.trim() === '' || Number.isNaN(size)) return 'size must be a number';
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE_SIZE)
    return `size must be an integer between 1 and ${MAX_PAGE_SIZE}`;
  return size;
}

const encodeOffset = (index: number) => Buffer.from(String(index)).toString('base64url');

function decodeOffset(offset: string): number | undefined {
  const text = Buffer.from(offset, 'base64url').toString();
  return /^\d{1,15}$/.test(text) && encodeOffset(Number(text)) === offset ? Number(text) : undefined;
}

function createTagFilter(text: string): ((entity: Tagged) => boolean) | undefined {
  const [all, any] = [text.split(','), text.split('/')];
  if (all.includes('') || any.includes('') || (all.length > 1 && any.length > 1)) return undefined;
  return any.length > 1
    ? ({ tags }) => any.some((tag) => tags.has(tag))
    : ({ tags }) => all.every((tag) => tags.has(tag));
}

const invalidOffset = (offset = ''): AdminResponse =>
  errorResponse(400, {
    message: `'${offset}' is not a valid offset: use the one of the previous page`,
    name: 'invalid offset',
    code: 7,
  });

const invalidTags = errorResponse(400, {
  message: 'invalid option (tags: invalid filter syntax)',
  name: 'invalid options',
  code: 11,
  options: { tags: 'invalid filter syntax' },
});

function pageUrl({ path }: Request, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] satisfies [string, string]],
  );
  return `${path}?${new URLSearchParams(given).toString()}`;
}
