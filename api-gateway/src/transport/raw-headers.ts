import type { Dispatcher } from 'undici';

type RawHeaders = Dispatcher.DispatchController['rawHeaders'];

const NO_HEADERS: readonly string[] = [];

/** Names and values in turn, as they came. */
export function decodeRawHeaders(raw: RawHeaders): readonly string[] {
  if (!Array.isArray(raw)) return NO_HEADERS;
  return raw.map((bytes) => (typeof bytes === 'string' ? bytes : bytes.toString('latin1')));
}

/** By name; the values of a name that came more than once together. */
export function toHeaderRecord(raw: readonly string[]): Record<string, string[]> {
  const record: Record<string, string[]> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    (record[name] ??= []).push(raw[index + 1] ?? '');
  }
  return record;
}
