import { describe, expect, test } from '@jest/globals';
import {
  consistentHash,
  leastRequests,
  roundRobin,
  smoothWeightedRoundRobin,
  type Balancer,
  type WeightedInstance,
} from '@plaza/service-client';

const a = { instanceId: 'a', weight: 5 };
const b = { instanceId: 'b', weight: 1 };
const c = { instanceId: 'c', weight: 1 };

const picks = (balancer: Balancer, candidates: readonly WeightedInstance[], times: number) =>
  Array.from({ length: times }, () => balancer.pick(candidates)?.instanceId);

describe.each([
  ['round robin', roundRobin],
  ['smooth weighted', smoothWeightedRoundRobin],
  ['least requests', () => leastRequests({ activeRequests: () => 0 })],
  ['consistent hash', consistentHash],
])('%s', (_name, make) => {
  test('picks nothing where there is no instance', () => {
    expect(make().pick([])).toBeUndefined();
  });

  test('always picks the only one', () => {
    expect(picks(make(), [b], 3)).toEqual('bbb'.split(''));
  });

  test('picks among those it is handed, who may be others each time', () => {
    const balancer = make();
    picks(balancer, [a, b, c], 5);
    expect(picks(balancer, [b], 2)).toEqual('bb'.split(''));
    expect(picks(balancer, [c], 2)).toEqual('cc'.split(''));
  });
});

test('round robin takes turns, whatever the weights', () => {
  expect(picks(roundRobin(), [a, b, c], 7)).toEqual('abcabca'.split(''));
});

describe('smooth weighted', () => {
  test('spreads as nginx does: never five in a row', () => {
    expect(picks(smoothWeightedRoundRobin(), [a, b, c], 14)).toEqual('aabacaaaabacaa'.split(''));
  });

  test('splits 90 to 10 exactly, in every hundred', () => {
    const balancer = smoothWeightedRoundRobin();
    const versions = [
      { instanceId: '1', weight: 90 },
      { instanceId: '2', weight: 10 },
    ];
    for (let hundred = 0; hundred < 5; hundred += 1) {
      expect(picks(balancer, versions, 100).filter((id) => id === '2')).toHaveLength(10);
    }
  });

  test('gives a newcomer its share and no more', () => {
    const balancer = smoothWeightedRoundRobin();
    const equal = ['a', 'b', 'c'].map((instanceId) => ({ instanceId, weight: 1 }));
    picks(balancer, equal.slice(0, 2), 1_000);
    expect(picks(balancer, equal, 300).filter((id) => id === 'c')).toHaveLength(100);
  });

  test('follows a weight that changes', () => {
    const balancer = smoothWeightedRoundRobin();
    picks(balancer, [a, b], 60);
    expect(picks(balancer, [{ ...a, weight: 1 }, b], 100).filter((id) => id === 'b').length).toBeCloseTo(
      50,
      -1,
    );
  });
});

test.each([
  ['smooth weighted', smoothWeightedRoundRobin],
  ['least requests', () => leastRequests({ activeRequests: () => 0 })],
])('%s gives nothing to a weight of 0', (_name, make) => {
  const none = { instanceId: 'none', weight: 0 };
  expect(new Set(picks(make(), [none, b], 20))).toEqual(new Set(['b']));
  expect(make().pick([none])).toBeUndefined();
});

/** Numbers from 0 to 1 that are the same in each run: Knuth's linear congruential generator. */
function random(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const shares = (ids: readonly (string | undefined)[]) =>
  Object.fromEntries(Object.entries(Object.groupBy(ids, (id) => id ?? '-')).map(([id, all = []]) => [id, all.length])); // prettier-ignore

describe('least requests', () => {
  /** Each request stays under way for as long as others come; `slow` keeps its own for ever. */
  function serve(
    candidates: readonly WeightedInstance[],
    { requests = 10_000, atOnce = 10, slow = '' } = {},
  ) {
    const underWay = new Map<string, number>();
    const active = ({ instanceId }: WeightedInstance) => underWay.get(instanceId) ?? 0;
    const add = (id: string, by: number) => underWay.set(id, (underWay.get(id) ?? 0) + by);
    const balancer = leastRequests({ activeRequests: active, random: random() });
    const order: string[] = [];
    const served: string[] = [];
    for (let request = 0; request < requests; request += 1) {
      const id = balancer.pick(candidates)?.instanceId ?? '';
      served.push(id);
      add(id, 1);
      if (id !== slow) order.push(id);
      if (order.length >= atOnce) add(order.shift() ?? '', -1);
    }
    return shares(served);
  }
  const equal = ['a', 'b', 'c'].map((instanceId) => ({ instanceId, weight: 1 }));
  const canary = [
    { instanceId: 'old', weight: 9 },
    { instanceId: 'new', weight: 1 },
  ];

  test('spreads evenly among equals', () => {
    for (const share of Object.values(serve(equal))) expect(Math.abs(share - 3_333)).toBeLessThan(150);
  });

  test('leaves alone who does not answer', () => {
    expect(serve(equal, { slow: 'c' })['c']).toBeLessThan(20);
  });

  test.each([1, 3, 10, 50])('keeps to 90 and 10 with %s at once', (atOnce) => {
    const share = serve(canary, { atOnce })['new'] ?? 0;
    expect(share).toBeGreaterThan(800);
    expect(share).toBeLessThan(1_200);
  });
});

describe('consistent hash', () => {
  const many = Array.from({ length: 10 }, (_, index) => ({ instanceId: `posts-${3001 + index}`, weight: 1 }));
  const keys = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
  const homes = (candidates: readonly WeightedInstance[]) =>
    new Map(keys.map((key) => [key, consistentHash().pick(candidates, key)?.instanceId]));

  test('gives a key the same candidate each time, in whatever order they stand', () => {
    expect(homes(many.toReversed())).toEqual(homes(many));
  });

  test('spreads keys evenly', () => {
    for (const share of Object.values(shares([...homes(many).values()])))
      expect(Math.abs(share - 1_000)).toBeLessThan(120);
  });

  test('spreads keys by weight', () => {
    expect(Math.abs((shares([...homes([a, b]).values()])['a'] ?? 0) - 8_333)).toBeLessThan(150);
  });

  test('moves only the keys of a removed instance, to all the others', () => {
    const before = homes(many);
    const after = homes(many.filter(({ instanceId }) => instanceId !== 'posts-3004'));
    const moved = keys.filter((key) => before.get(key) !== after.get(key));
    expect(moved).toEqual(keys.filter((key) => before.get(key) === 'posts-3004'));
    expect(new Set(moved.map((key) => after.get(key))).size).toBe(9);
  });

  test('moves only to a newcomer, and no more than its share', () => {
    const newcomer = { instanceId: 'posts-9999', weight: 1 };
    const before = homes(many);
    const after = homes([...many, newcomer]);
    const moved = keys.filter((key) => before.get(key) !== after.get(key));
    expect(new Set(moved.map((key) => after.get(key)))).toEqual(new Set(['posts-9999']));
    expect(Math.abs(moved.length - 909)).toBeLessThan(120);
  });

  test('goes by weight without a key', () => {
    expect(shares(picks(consistentHash(), [a, b, c], 70))).toEqual({ a: 50, b: 10, c: 10 });
  });
});
