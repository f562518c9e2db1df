import { expect, test } from '@jest/globals';
import { matchesTopic } from '../src/topology/topic-matcher.ts';

test.each([
  ['user.created', 'user.created', true],
  ['user.created', 'user.deleted', false],
  ['user.*', 'user.created', true],
  ['user.*', 'user', false],
  ['user.*', 'user.name.changed', false],
  ['user.#', 'user', true],
  ['user.#', 'user.name.changed', true],
  ['#', 'a.b.c', true],
  ['#.changed', 'user.name.changed', true],
  ['#.changed', 'changed', true],
  ['*.*', 'a', false],
  ['#.b.#', 'a.b.c.d', true],
  ['#.b.#', 'a.c', false],
])('%s and %s: %s', (pattern, key, expected) => {
  expect(matchesTopic(pattern, key)).toBe(expected);
});
