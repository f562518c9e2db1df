import type { Request } from 'express';
import { ok, refuse, type Reply } from './reply.ts';

const STANDARD_SIZE = 100;
const MOST = 1_000;

interface Tagged {
  readonly tags: ReadonlySet<string>;
}

/**
 * One page of a list, as Kong pages and filters: `size` (100; 1,000 at most), `offset` for where to go on, and
 * `tags` of which all (`a,b`) or one (`a/b`) must be there.
 */
export function page<Entity extends Tagged>(
  entities: readonly Entity[],
  request: Request,
  view: (entity: Entity) => unknown,
): Reply {
  const [size, offset, tags] = ['size', 'offset', 'tags'].map((name) => argument(request, name));
  const limit = size === undefined ? STANDARD_SIZE : sizeIn(size);
  if (typeof limit === 'string') return refuse(400, { message: limit, name: 'invalid size', code: 9 });
  const start = offset === undefined ? 0 : startIn(offset);
  if (start === undefined) return invalidOffset(offset);
  const wanted = tags === undefined ? everything : tagFilter(tags);
  if (wanted === undefined) return invalidTags;

  const matching = entities.filter(wanted);
  const data = matching.slice(start, start + limit).map(view);
  if (start + limit >= matching.length) return ok({ data, next: null });
  const next = offsetOf(start + limit);
  return ok({ data, offset: next, next: addressOf(request, { offset: next, tags, size }) });
}

const everything = () => true;

/** Kong's: of several with one name the first counts. */
function argument({ query }: Request, name: string): string | undefined {
  const value = [query[name]].flat()[0];
  return typeof value === 'string' ? value : undefined;
}

function sizeIn(text: string): number | string {
  const size = Number(text);
  if (text.trim() === '' || Number.isNaN(size)) return 'size must be a number';
  if (!Number.isInteger(size) || size < 1 || size > MOST)
    return `size must be an integer between 1 and ${MOST}`;
  return size;
}

const offsetOf = (index: number) => Buffer.from(String(index)).toString('base64url');

function startIn(offset: string): number | undefined {
  const text = Buffer.from(offset, 'base64url').toString();
  return /^\d{1,15}$/.test(text) && offsetOf(Number(text)) === offset ? Number(text) : undefined;
}

function tagFilter(text: string): ((entity: Tagged) => boolean) | undefined {
  const [all, any] = [text.split(','), text.split('/')];
  if (all.includes('') || any.includes('') || (all.length > 1 && any.length > 1)) return undefined;
  return any.length > 1
    ? ({ tags }) => any.some((tag) => tags.has(tag))
    : ({ tags }) => all.every((tag) => tags.has(tag));
}

const invalidOffset = (offset = ''): Reply =>
  refuse(400, {
    message: `'${offset}' is not a valid offset: take the one of the page before`,
    name: 'invalid offset',
    code: 7,
  });

const invalidTags = refuse(400, {
  message: 'invalid option (tags: invalid filter syntax)',
  name: 'invalid options',
  code: 11,
  options: { tags: 'invalid filter syntax' },
});

function addressOf({ path }: Request, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] satisfies [string, string]],
  );
  return `${path}?${new URLSearchParams(given).toString()}`;
}
