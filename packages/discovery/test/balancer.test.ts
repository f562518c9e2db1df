import { describe, expect, test } from '@jest/globals';
import { roundRobin, smoothWeighted, type Balancer, type Candidate } from '@plaza/discovery';

const a = { instanceId: 'a', weight: 5 };
const b = { instanceId: 'b', weight: 1 };
const c = { instanceId: 'c', weight: 1 };

const picks = (balancer: Balancer, candidates: readonly Candidate[], times: number) =>
  Array.from({ length: times }, () => balancer.pick(candidates)?.instanceId);

describe.each([
  ['round robin', roundRobin],
  ['smooth weighted', smoothWeighted],
])('%s', (_name, make) => {
  test('has nobody to pick among nobody', () => {
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
    expect(picks(smoothWeighted(), [a, b, c], 14)).toEqual('aabacaaaabacaa'.split(''));
  });

  test('splits 90 to 10 exactly, in every hundred', () => {
    const balancer = smoothWeighted();
    const versions = [
      { instanceId: '1', weight: 90 },
      { instanceId: '2', weight: 10 },
    ];
    for (let hundred = 0; hundred < 5; hundred += 1) {
      expect(picks(balancer, versions, 100).filter((id) => id === '2')).toHaveLength(10);
    }
  });

  test('gives a newcomer its share and no more', () => {
    const balancer = smoothWeighted();
    const equal = ['a', 'b', 'c'].map((instanceId) => ({ instanceId, weight: 1 }));
    picks(balancer, equal.slice(0, 2), 1_000);
    expect(picks(balancer, equal, 300).filter((id) => id === 'c')).toHaveLength(100);
  });

  test('follows a weight that changes', () => {
    const balancer = smoothWeighted();
    picks(balancer, [a, b], 60);
    expect(picks(balancer, [{ ...a, weight: 1 }, b], 100).filter((id) => id === 'b').length).toBeCloseTo(
      50,
      -1,
    );
  });
});
