import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { filterSchema } from '../src/http/consul/filter/filter.ts';
import { healthEntry } from '../src/http/consul/health-entry.schemas.ts';
import { toHealthEntry } from '../src/http/consul/health-entry.ts';
import type { Instance } from '../src/domain/instance.ts';
import { createDefinition } from './test-store.ts';

const initialState = { initial: 'critical', since: 0, output: '' } as const;
const instance: Instance = {
  ...createDefinition('f1', { service: 'f', url: 'http://10.0.0.1:80', tags: ['a', 'b'] }),
  metadata: { k: 'v', 'n-d': 'x', slash: 'a/b' },
  protocol: 'consul',
  checks: [
    { ...initialState, kind: 'ttl', id: 'service:f1:1', name: 'c', ttlMs: 1_000, status: 'passing' },
    { ...initialState, kind: 'ttl', id: 'service:f1:2', name: 'w', ttlMs: 1_000, status: 'warning' },
  ],
  state: 'up',
  reportedState: 'up',
  incarnation: 0,
  registeredAt: 0,
  changedAt: 0,
  createIndex: 1,
  modifyIndex: 2,
};
const entry = toHealthEntry(instance);

/** The query parameter of a list of health entries. */
const filter = filterSchema(healthEntry);
const read = (text: string) => filter.safeParse(text);

// Consul 1.14.11 gives the same results for a service like this one.
describe('a filter matches as in Consul', () => {
  test.each([
    'Service.ID == f1',
    'Service.ID==f1',
    'Service.ID == "f1"',
    'Service.ID == `f1`',
    String.raw`Service.ID == "f\u0031"`,
    '(Service.ID == "f1")',
    ' ( Service.ID == "f1" ) ',
    'Service.ID != other',
    'Service.ID contains "f"',
    'Service.ID not contains "g"',
    'a in Service.Tags',
    'c not in Service.Tags',
    'Service.Tags contains "a" and "b" in Service.Tags',
    'Service.Tags is not empty',
    'k in Service.Meta',
    'Service.Meta contains k',
    'Service.Meta["n-d"] == x',
    'Service.Meta.slash == a/b',
    'Service.Meta.k matches "^v$"',
    'Service.Meta.k not matches "w"',
    'Service.Meta.zzz != x',
    '"x" not in Service.Meta.zzz',
    'Service.Port == 80',
    'Service.Port == "80"',
    'Service.Port != 81',
    'Service.Weights.Passing == 1',
    'Service.EnableTagOverride == false',
    'Service.TaggedAddresses.lan_ipv4.Port == 80',
    'Checks.Status != passing',
    'Checks.Status == warning',
    'Checks.Name matches "w|z"',
    'Checks is not empty',
    'Service.ID == "f1" or Service.ID==zz and Service.ID==qq',
    'not Service.ID == zz',
    'not not Service.ID == f1',
    'Node.Address == "10.0.0.1"',
  ])('%s', (text) => {
    expect(read(text).data?.(entry)).toBe(true);
  });

  test.each([
    'Service.Tags contains c',
    'Service.Tags is empty',
    'Service.Meta contains zz',
    'Service.Meta.zzz == x',
    '"x" in Service.Meta.zzz',
    'not (Service.ID == "f1")',
    'not Checks.Status == passing',
    'Checks.Status == critical',
    'Checks is empty',
    '(Service.ID == f1 or Service.ID == zz) and Service.ID == qq',
  ])('nothing by %s', (text) => {
    expect(read(text).data?.(entry)).toBe(false);
  });
});

describe('an invalid filter is explained:', () => {
  test.each([
    ['', 'a value'],
    [' ', 'a value'],
    ['Service.ID', 'an operator'],
    ['Service.ID ==', 'a value'],
    ['Service.ID == f1 and', 'a value'],
    ['Service.ID == f1)', 'the end'],
    ['(Service.ID == f1', ')'],
    ['Service.ID "in" Service.Tags', 'an operator'],
    ['Service.ID not == f1', 'contains'],
    ['Service.ID is full', 'empty'],
    ['Service.ID = f1', 'no = in an expression'],
    ['Service.ID == "f1', 'no " in an expression'],
    [String.raw`Service.ID == "\q"`, 'backquotes'],
    ['NOT Service.ID == x', 'an operator'],
    ['Foo == 1', 'Foo'],
    ['Service.Foo == 1', 'Service.Foo'],
    ['Service.ID.Foo == 1', 'Service.ID.Foo'],
    ['Service.Meta.a.b == 1', 'Service.Meta.a.b'],
    ['Service.constructor == 1', 'Service.constructor'],
    ['Service == a', 'Service'],
    ['Service.Tags == a', 'Service.Tags, a list'],
    ['Service.Tags matches "a"', 'Service.Tags, a list'],
    ['Service.Port matches "8"', 'Service.Port, a number'],
    ['Service.Port == abc', 'a number, with abc'],
    ['Service.ID is empty', 'Service.ID, a text'],
    ['Service.EnableTagOverride == perhaps', 'with perhaps'],
    ['Service.Meta.k matches "["', 'pattern'],
    [`${'('.repeat(100)}Service.ID == a${')'.repeat(100)}`, 'deep'],
    [`${'not '.repeat(100)}Service.ID == a`, 'deep'],
    [`Service.ID == ${'x'.repeat(3_000)}`, '2048'],
  ])('%s', (text, words) => {
    const { success, error } = read(text);
    expect(success).toBe(false);
    expect(z.prettifyError(error ?? new z.ZodError([]))).toContain(words);
  });
});

test('a mistake of Consul is not repeated', () => {
  expect(read('Service.Meta.zzz matches "x"').data?.(entry)).toBe(false);
});

test('a pattern with exponential backtracking elsewhere is matched in linear time', () => {
  const evil = { ...entry, Service: { ...entry.Service, ID: `${'a'.repeat(500)}!` } };
  // A backtracking engine would not end in any practical time.
  expect(read('Service.ID matches "^(a+)+$"').data?.(evil)).toBe(false);
});
