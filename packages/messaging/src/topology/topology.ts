import { z } from 'zod';

/** AMQP allows 255 bytes, which include the suffixes of retry queues. */
const LONGEST_NAME = 200;
const DAY_MS = 86_400_000;

const name = z
  .string()
  .max(LONGEST_NAME)
  .regex(/^(?!amq\.)[\w.:-]+$/, 'expected letters, digits, "_", ".", ":" and "-", and not "amq." in front');

const consumed = z.object({
  queue: name,
  exchange: name,
  /** Routing keys, which are event types; `*` and `#` as in AMQP's topic exchanges. */
  keys: z.array(z.string().min(1).max(255)).min(1, 'a consumer of no event'),
  retryAfterMs: z
    .array(z.int().min(1).max(DAY_MS))
    .refine((delays) => new Set(delays).size === delays.length, 'the same delay twice'),
});

const schema = z
  .object({ publishes: z.array(name), consumes: z.array(consumed) })
  .refine(({ consumes }) => new Set(consumes.map(({ queue }) => queue)).size === consumes.length, {
    path: ['consumes'],
    error: 'one queue with two consumers: each would get a part of its events',
  });

/** The exchanges that a service publishes to, and the queues that it consumes. */
export type Topology = z.output<typeof schema>;
export type ConsumedQueue = z.output<typeof consumed>;

/** No broker would accept this topology. Thrown before a broker is asked. */
export class InvalidTopology extends Error {
  constructor(mistakes: string) {
    super(`This service declares an invalid topology:\n${mistakes}`);
    this.name = 'InvalidTopology';
  }
}

/** @throws {InvalidTopology} with all mistakes. */
export function parseTopology(topology: z.input<typeof schema>): Topology {
  const parsed = schema.safeParse(topology);
  if (!parsed.success) throw new InvalidTopology(z.prettifyError(parsed.error));
  return parsed.data;
}

export const deadLetterQueue = (queue: string): string => `${queue}.dead`;
