import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PactV4 } from '@pact-foundation/pact';
import { receiveEvent, type Consumer } from '@plaza/messaging';
import { z } from 'zod';
import { eventLike } from './event.ts';
import { fileOf, readPact, type PactFile, type Parties } from './pact-file.ts';

/** A contract in the making: what the consumer's own code does with what the provider is to answer. */
export interface Contract {
  /** A call over HTTP, in Pact's own words: `.given()`, `.uponReceiving()`, … `.executeTest(async ({ url }) => …)`. */
  call(): ReturnType<PactV4['addInteraction']>;
  /**
   * An event of the provider: `data` says what the consumer reads of it, all of that and nothing else. The
   * consumer takes it as if it came from the broker; `then` looks at what it made of it.
   */
  event(consumer: Consumer, type: string, data: object, then: () => Promise<void>): Promise<void>;
}

export interface Draft extends Contract {
  /** @throws where an interaction is missing, or one of the events that the consumers read. */
  complete(): PactFile;
  discard(): Promise<void>;
}

export function openDraft(parties: Parties): Draft {
  const directory = mkdtempSync(join(tmpdir(), 'plaza-pacts-'));
  const toRead = new Set<string>();
  const asked = new Set<string>();
  let begun = 0;

  /** A failed interaction must not leave its half in the next one: each has a pact of its own, and all a file. */
  function begin(): PactV4 {
    begun += 1;
    return new PactV4({ ...parties, dir: directory, logLevel: 'error' });
  }

  return {
    call: () => begin().addInteraction(),

    event: async (consumer, type, data, then) => {
      for (const each of Object.keys(consumer.events)) toRead.add(each);
      asked.add(type);
      await begin()
        .addAsynchronousInteraction()
        .expectsToReceive(type, (message) => message.withJSONContent(eventLike(type, asked.size, data)))
        .executeTest(async ({ contents: { content } }) => {
          await receiveEvent(consumer, content);
          requireAllRead(consumer, type, content);
          await then();
        });
    },

    complete: () => {
      const unread = [...toRead].filter((type) => !asked.has(type));
      if (unread.length > 0) throw new Error(`The consumer reads this as well: ${unread.join(', ')}.`);
      const path = join(directory, fileOf(parties));
      const pact = readPact(path);
      const kept = pact?.interactions.length ?? 0;
      if (pact === undefined || kept < begun)
        throw new Error(`${begun - kept} of ${begun} interactions failed, or are called like another.`);
      return { path, pact };
    },

    discard: () => rm(directory, { recursive: true, force: true }),
  };
}

const envelope = z.object({ data: z.record(z.string(), z.unknown()) });

/** A consumer that asks for what it does not read keeps its provider from changing it. */
function requireAllRead({ events }: Consumer, type: string, content: unknown): void {
  const { data } = envelope.parse(content);
  const read = events[type]?.schema.parse(data);
  if (!isDeepStrictEqual(read, data))
    throw new Error(`Of ${type} the consumer reads ${JSON.stringify(read)} and not ${JSON.stringify(data)}.`);
}
