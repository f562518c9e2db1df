import { z } from 'zod';

/** From a worker to the primary. */
export const toPrimary = z.discriminatedUnion('gateway', [
  /** For all other workers, and for those that start later. */
  z.object({ gateway: z.literal('share'), topic: z.string(), text: z.string() }),
  /** What was shared last, if anything was. */
  z.object({ gateway: z.literal('catch-up'), topic: z.string() }),
  z.object({ gateway: z.literal('metrics'), question: z.int() }),
]);

/** From the primary to a worker. */
export const toWorker = z.discriminatedUnion('gateway', [
  z.object({ gateway: z.literal('shared'), topic: z.string(), text: z.string() }),
  z.object({ gateway: z.literal('metrics'), question: z.int(), text: z.string().optional() }),
]);

export type ToPrimary = z.output<typeof toPrimary>;
export type ToWorker = z.output<typeof toWorker>;

/** The variable by which a worker knows its number, from 1: a worker that takes over has the number of who ended. */
export const NUMBER = 'GATEWAY_WORKER';
