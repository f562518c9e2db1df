import { MatchersV3 } from '@pact-foundation/pact';

/** Stands in a pact for what a provider may answer instead of the example. */
export interface Matcher {
  readonly 'pact:matcher:type': unknown;
  readonly value?: unknown;
}

/**
 * A line of text, all of which matches the pattern; by default one that is not empty. Pact's own `regex` takes
 * numbers and null as well, and its `string` an empty one: this asks for both, the type and the pattern.
 */
export function anyText(example: string, pattern = /.+/): Matcher {
  const matchers = [{ 'pact:matcher:type': 'type' }, { 'pact:matcher:type': 'regex', regex: pattern.source }];
  return { 'pact:matcher:type': matchers, value: example };
}

/** One of some words; the first is the example. */
export function oneOf(example: string, ...others: string[]): Matcher {
  return anyText(example, new RegExp([example, ...others].join('|')));
}

export function integer(example: number): Matcher {
  return { ...MatchersV3.integer(example) };
}

/** A list with at least one element, and each like this one. */
export function eachLike(element: unknown): Matcher {
  return { ...MatchersV3.eachLike(element) };
}
