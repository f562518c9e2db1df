import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PostId } from '../src/domain/post.ts';
import type { ReservationOrderId } from '../src/domain/reservation.ts';
import type { ReservationsService } from '../src/domain/reservations.service.ts';
import {
  InjectedCrash,
  crashAtWrite,
  nextOrderId,
  openStockStore,
  stallAtWrite,
  type StockStore,
} from './crash-injection.ts';

let stockStore: StockStore;

beforeAll(async () => {
  stockStore = await openStockStore();
}, 60_000);
afterAll(() => stockStore.close());

const QUANTITY = 2;
const OFFERED = 5;

interface Case {
  readonly order: ReservationOrderId;
  readonly posts: readonly PostId[];
}

/** What a message makes a replica do. */
type Message = (replica: ReservationsService, given: Case) => Promise<void>;

const created: Message = (replica, { order, posts }) =>
  replica.reserve(
    order,
    posts.map((postId) => ({ postId, quantity: QUANTITY })),
  );
const cancelled: Message = (replica, { order }) => replica.release(order);
const confirmed: Message = (replica, { order }) => replica.consume(order);

async function start(scarce: boolean): Promise<Case> {
  const posts = [
    await stockStore.offer(OFFERED),
    await stockStore.offer(OFFERED),
    await stockStore.offer(scarce ? 1 : OFFERED),
  ];
  return { order: nextOrderId(), posts };
}

const outcomeOf = async ({ order, posts }: Case) => {
  const books = await Promise.all(posts.map((post) => stockStore.snapshotOf(post)));
  return {
    ...(await stockStore.reservationState(order)),
    stock: books.map(({ stock }) => stock),
    held: books.map(({ held }) => held[order] ?? 0),
  };
};

const nothing = { held: [0, 0, 0], stock: [OFFERED, OFFERED, OFFERED] };
const reserved = ['stock.reserved'];
const released = ['stock.reserved', 'stock.released'];

/** What came before, the message in whose handling something goes wrong, and what must be true in the end. */
const scenarios: [string, { before: Message[]; message: Message; scarce?: boolean; outcome: object }][] = [
  [
    'reserving',
    {
      before: [],
      message: created,
      outcome: { status: 'reserved', events: reserved, held: [2, 2, 2], stock: [3, 3, 3] },
    },
  ],
  [
    'turning an order away',
    {
      before: [],
      message: created,
      scarce: true,
      outcome: {
        status: 'rejected',
        events: ['stock.rejected'],
        held: [0, 0, 0],
        stock: [OFFERED, OFFERED, 1],
      },
    },
  ],
  [
    'releasing',
    { before: [created], message: cancelled, outcome: { status: 'released', events: released, ...nothing } },
  ],
  [
    'releasing what was never reserved',
    { before: [], message: cancelled, outcome: { status: 'released', events: [], ...nothing } },
  ],
  [
    'consuming',
    {
      before: [created],
      message: confirmed,
      outcome: { status: 'consumed', events: reserved, held: [0, 0, 0], stock: [3, 3, 3] },
    },
  ],
];

describe.each(scenarios)('%s', (_, { before, message, scarce = false, outcome }) => {
  const prepared = async () => {
    const given = await start(scarce);
    for (const earlier of before) await earlier(stockStore.replica(), given);
    return given;
  };

  test.each(['before', 'after'] as const)(
    'is resumed by the next handler wherever a crash comes %s a write',
    async (moment) => {
      let crashes = 0;
      for (let n = 1; ; n += 1) {
        const given = await prepared();
        const survived = await survives(() => message(stockStore.replica(crashAtWrite(moment, n)), given));
        if (survived) break;
        crashes += 1;
        await message(stockStore.replica(), given);
        expect(await outcomeOf(given)).toEqual(outcome);
      }
      expect(crashes).toBeGreaterThan(0);
    },
  );

  test('is resumed by the recovery job wherever a crash comes and no message again', async () => {
    for (let n = 1; ; n += 1) {
      const given = await prepared();
      const survived = await survives(() => message(stockStore.replica(crashAtWrite('after', n)), given));
      await stockStore.replica().recoverUnfinished(new Date(Date.now() + 1_000));
      expect(await outcomeOf(given)).toEqual(outcome);
      if (survived) break;
    }
  });

  test('comes to its end although every attempt dies a write later than the one before', async () => {
    const given = await prepared();
    for (
      let n = 1;
      !(await survives(() => message(stockStore.replica(crashAtWrite('after', n)), given)));
      n += 1
    );
    expect(await outcomeOf(given)).toEqual(outcome);
  });

  test('comes out the same where a handler stalls at any write, and another does all of it meanwhile', async () => {
    let stalls = 0;
    for (let n = 1; ; n += 1) {
      const given = await prepared();
      const { intercept, stalled, goOn } = stallAtWrite(n);
      const slow = message(stockStore.replica(intercept), given);
      const ended = await Promise.race([stalled.then(() => false), slow.then(() => true)]);
      if (ended) break;
      stalls += 1;
      await message(stockStore.replica(), given);
      goOn();
      await slow;
      expect(await outcomeOf(given)).toEqual(outcome);
    }
    expect(stalls).toBeGreaterThan(0);
  });
});

const later: [string, { before: Message[]; stale: Message; meanwhile: Message[]; outcome: object }][] = [
  [
    'a cancellation in the middle of reserving',
    {
      before: [],
      stale: created,
      meanwhile: [cancelled],
      outcome: { status: 'released', ...nothing },
    },
  ],
  [
    'another handler that reserves, and a cancellation',
    {
      before: [],
      stale: created,
      meanwhile: [created, cancelled],
      outcome: { status: 'released', events: released, ...nothing },
    },
  ],
  [
    'another handler that reserves, and a confirmation',
    {
      before: [],
      stale: created,
      meanwhile: [created, confirmed],
      outcome: { status: 'consumed', events: reserved, held: [0, 0, 0], stock: [3, 3, 3] },
    },
  ],
];

describe.each(later)(
  'a handler that stalls at any write misses %s',
  (_, { before, stale, meanwhile, outcome }) => {
    async function atEachWrite(
      check: (given: Case, slow: Promise<void>, goOn: () => void) => Promise<void>,
      dies = false,
    ) {
      for (let n = 1; ; n += 1) {
        const given = await start(false);
        for (const earlier of before) await earlier(stockStore.replica(), given);
        const { intercept, stalled, goOn } = stallAtWrite(n);
        const slow = stale(
          stockStore.replica(async (...moment) => {
            await intercept(...moment);
            if (dies) await crashAtWrite('after', n)(...moment);
          }),
          given,
        );
        const ended = await Promise.race([stalled.then(() => false), slow.then(() => true)]);
        if (ended) return;
        for (const message of meanwhile) await message(stockStore.replica(), given);
        await check(given, slow, goOn);
      }
    }

    test('and nothing is lost or given back twice', async () => {
      await atEachWrite(async (given, slow, goOn) => {
        goOn();
        await slow;
        expect(await outcomeOf(given)).toMatchObject(outcome);
      });
    });

    test('and where it dies of its late write, the recovery job puts that right', async () => {
      await atEachWrite(async (given, slow, goOn) => {
        goOn();
        await expect(slow).rejects.toThrow(InjectedCrash);
        await stockStore.replica().recoverUnfinished(new Date(Date.now() + 1_000));
        expect(await outcomeOf(given)).toMatchObject(outcome);
      }, true);
    });
  },
);

/** False where it crashed. */
async function survives(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof InjectedCrash) return false;
    throw error;
  }
}
