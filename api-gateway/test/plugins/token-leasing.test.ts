import { describe, expect, test } from '@jest/globals';
import type { PermitGrant, PermitRequest } from '../../src/plugins/rate-limiting/policies/usage.ts';
import { createTokenLeasing } from '../../src/plugins/rate-limiting/token-leasing.ts';
import type { RateLimit } from '../../src/plugins/rate-limiting/parse-limits.ts';

const MINUTE = 60_000;
const limit = (requests: number, windowMs = MINUTE): RateLimit => ({ requests, windowMs, window: 'a while' });

/** A shared counter, as in Redis, and a fake clock. */
function counter(limits: readonly RateLimit[]) {
  const used = limits.map(() => 0);
  const resetAt = limits.map(({ windowMs }) => windowMs);
  const permitRequests: PermitRequest[] = [];
  let now = 0;
  const grantOne = (permitRequest: PermitRequest): PermitGrant => {
    permitRequests.push(permitRequest);
    for (const [index, { windowMs }] of limits.entries()) {
      if ((resetAt[index] ?? 0) <= now) {
        used[index] = 0;
        resetAt[index] = now + windowMs;
      }
      used[index] = (used[index] ?? 0) - (permitRequest.refunds[index] ?? 0);
    }
    const room = Math.min(...limits.map(({ requests }, index) => requests - (used[index] ?? 0)));
    const granted = Math.min(
      room,
      permitRequest.demand + (room > permitRequest.demand ? permitRequest.extra : 0),
    );
    for (const index of limits.keys()) used[index] = (used[index] ?? 0) + granted;
    return { granted, used: [...used], resetAt: [...resetAt] };
  };
  return {
    permitRequests,
    used,
    gateway: () => {
      const acquire = createTokenLeasing(
        async (asked) => asked.map(grantOne),
        () => now,
      );
      return async () => (await acquire('ada', limits)).granted;
    },
    advance: (ms: number) => {
      now += ms;
    },
  };
}

const times = async (count: number, acquire: () => Promise<boolean>) => {
  let granted = 0;
  for (let time = 0; time < count; time += 1) if (await acquire()) granted += 1;
  return granted;
};

describe('places', () => {
  /** A client with a constant request rate, and the extra permits of each call. */
  function pacing() {
    const count = counter([limit(10_000, 60 * MINUTE)]);
    const acquire = count.gateway();
    return async (everyMs: number, questions: number): Promise<readonly number[]> => {
      const most = count.permitRequests.length + questions;
      while (count.permitRequests.length < most) {
        count.advance(everyMs);
        await acquire();
      }
      return count.permitRequests.slice(-questions).map(({ extra }) => extra);
    };
  }

  test('are taken one by one for a client that makes less than a request a minute', async () => {
    expect(await pacing()(61_000, 5)).toEqual([0, 0, 0, 0, 0]);
  });

  test('are taken in growing numbers, until they last for a minute', async () => {
    expect(await pacing()(1_000, 5)).toEqual([0, 3, 15, 60, 60]);
  });

  test('are 255 ahead at most', async () => {
    expect(await pacing()(10, 6)).toEqual([0, 3, 15, 63, 255, 255]);
  });

  test('become fewer for a client that slows down', async () => {
    const questions = pacing();
    await questions(10, 6);
    expect(await questions(10_000, 2)).toEqual([6, 6]);
  });

  test('are all used by the gateway that holds them, and no more are given', async () => {
    const count = counter([limit(100)]);
    expect(await times(300, count.gateway())).toBe(100);
    const asked = count.permitRequests.length;
    await times(100, count.gateway());
    expect(count.permitRequests).toHaveLength(asked + 1);
  });

  test('are never more than the limit over several gateways', async () => {
    const count = counter([limit(100)]);
    const [one, other] = [count.gateway(), count.gateway()];
    let granted = 0;
    for (let time = 0; time < 150; time += 1) granted += Number(await one()) + Number(await other());
    expect(granted).toBe(100);
  });

  test('are requested together for concurrent requests', async () => {
    const count = counter([limit(1_000)]);
    const acquire = count.gateway();
    expect(await Promise.all(Array.from({ length: 50 }, acquire))).toEqual(
      Array.from({ length: 50 }, () => true),
    );
    expect(count.permitRequests.length).toBeLessThanOrEqual(2);
    expect(count.used).toEqual([50 + count.permitRequests.reduce((sum, { extra }) => sum + extra, 0)]);
  });

  test('are taken by one question for all clients that come at once', async () => {
    const questions: (readonly string[])[] = [];
    const acquire = createTokenLeasing(
      async (permitRequests) => {
        questions.push(permitRequests.map(({ key }) => key));
        return permitRequests.map(({ demand }) => ({ granted: demand, used: [demand], resetAt: [MINUTE] }));
      },
      () => 0,
    );
    const clients = ['ada', 'bob', 'eve', 'ada'];
    const spent = await Promise.all(clients.map(async (client) => acquire(client, [limit(10)])));
    expect(spent.map(({ granted }) => granted)).toEqual([true, true, true, true]);
    expect(questions).toEqual([['ada', 'bob', 'eve']]);
  });

  test('are refused to all requests of a failed call, and requested again later', async () => {
    let away = true;
    const acquire = createTokenLeasing(
      async (permitRequests) => {
        if (away) throw new Error('Redis is away');
        return permitRequests.map(({ demand }) => ({ granted: demand, used: [demand], resetAt: [MINUTE] }));
      },
      () => 0,
    );
    const both = () => Promise.allSettled(['ada', 'bob'].map(async (client) => acquire(client, [limit(10)])));
    expect((await both()).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    away = false;
    expect((await both()).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  test('that a short window ended are given back to the long one', async () => {
    const count = counter([limit(50, 1_000), limit(10_000, 60 * MINUTE)]);
    const acquire = count.gateway();
    let granted = 0;
    for (let second = 0; second < 20; second += 1) {
      granted += await times(20, acquire);
      count.advance(1_000);
    }
    expect(granted).toBe(400);
    await acquire();
    const [, hour = 0] = count.used;
    expect(hour).toBeLessThan(401 + 64);
  });
});
