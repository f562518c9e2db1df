import { isUtf8 } from 'node:buffer';
import { MalformedRequest, UnsupportedMediaType } from '@plaza/service-kit';
import { upgradeOf } from '../../upstream/upgrade.ts';
import type { Visit } from '../plugin.ts';
import { argumentValues } from './argument-values.ts';
import { asTheyStand, compileChanges, type Changes } from './changes.ts';
import { isForm, isJson, OF_THE_BYTES } from './body-headers.ts';
import { jsonOf, membersOf, memberValues, typed } from './json-object.ts';
import { readBody, type Reading } from './read-body.ts';

/** Undefined for a body that stays as it is. */
type ChangeBody = (body: string, visit: Visit) => Buffer | undefined;

/**
 * Changes JSON objects and forms; undefined where nothing is to be changed. Whoever could bring a body past the
 * changes by how it is written down is refused: one that calls itself JSON and is none, is compressed, or not in
 * UTF-8. @throws {PayloadTooLarge} {RequestTimeout} {MalformedRequest} {UnsupportedMediaType}
 */
export function createBodyChange(
  changes: Changes,
  reading: Reading,
): ((visit: Visit) => void | Promise<void>) | undefined {
  const json = changingJson(changes);
  const form = changingForm(changes);
  if (json === undefined || form === undefined) return undefined;

  async function rewrite(visit: Visit, change: ChangeBody): Promise<void> {
    refuseUnreadable(visit);
    const body = await readBody(visit, reading);
    if (body === undefined) return;
    if (!isUtf8(body)) throw new UnsupportedMediaType(NOT_UTF_8);
    const changed = change(body.toString(), visit);
    if (changed === undefined && body.length === 0) return;
    visit.body = changed ?? body;
    if (changed !== undefined) for (const name of OF_THE_BYTES) delete visit.headers[name];
    visit.headers['content-length'] = String(visit.body.length);
  }

  return (visit) => {
    if (upgradeOf(visit.request) !== undefined) return undefined;
    const type = visit.request.headers['content-type'];
    if (isJson(type)) return rewrite(visit, json);
    return isForm(type) ? rewrite(visit, form) : undefined;
  };
}

function changingJson(changes: Changes): ChangeBody | undefined {
  const change = compileChanges(changes, typed({ replace: [], add: [], append: [] }));
  if (change === undefined) return undefined;
  return (body, visit) => {
    const members = parsed(body);
    if (members === undefined) return undefined;
    change(memberValues(members), visit);
    return body === '' && members.size === 0 ? undefined : jsonOf(members);
  };
}

/** No body is an empty object: what is added may be all that it has. */
function parsed(body: string): ReturnType<typeof membersOf> {
  if (body === '') return new Map();
  try {
    return membersOf(body);
  } catch (cause) {
    throw new MalformedRequest('The body is no JSON.', { cause });
  }
}

function changingForm(changes: Changes): ChangeBody | undefined {
  const change = compileChanges(changes, asTheyStand);
  if (change === undefined) return undefined;
  return (body, visit) => {
    const args = new URLSearchParams(body);
    change(argumentValues(args), visit);
    return body === '' && args.size === 0 ? undefined : Buffer.from(args.toString());
  };
}

function refuseUnreadable({ request }: Visit): void {
  const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = request.headers;
  if (encoding.toLowerCase() !== 'identity')
    throw new UnsupportedMediaType('The body must not be compressed: it is changed on its way.');
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(type)?.[1] ?? 'utf-8';
  if (!/^(?:utf-?8|us-ascii)$/i.test(charset)) throw new UnsupportedMediaType(NOT_UTF_8);
}

const NOT_UTF_8 = 'The body must be in UTF-8: it is changed on its way.';
