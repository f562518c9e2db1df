import { z } from 'zod';

/** From a worker to the primary. */
export const messageToPrimarySchema = z.discriminatedUnion('gateway', [
  /** For all other workers, and for those that start later. */
  z.object({ gateway: z.literal('share'), topic: z.string(), text: z.string() }),
  /** What was shared last, if anything was. */
  z.object({ gateway: z.literal('catch-up'), topic: z.string() }),
  z.object({ gateway: z.literal('metrics'), question: z.int() }),
]);

/** From the primary to a worker. */
export const messageToWorkerSchema = z.discriminatedUnion('gateway', [
  z.object({ gateway: z.literal('shared'), topic: z.string(), text: z.string() }),
  z.object({ gateway: z.literal('metrics'), question: z.int(), text: z.string().optional() }),
]);

export type MessageToPrimary = z.output<typeof messageToPrimarySchema>;
export type MessageToWorker = z.output<typeof messageToWorkerSchema>;

/** The variable by which a worker knows its number, from 1: a worker that takes over has the number of who ended. */
export const WORKER_NUMBER_VARIABLE = 'GATEWAY_WORKER';
