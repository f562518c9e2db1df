import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PactV4 } from '@pact-foundation/pact';
import { deliverTestEvent, type EventConsumer } from '@plaza/messaging';
import { z } from 'zod';
import { eventLike } from './event-matcher.ts';
import { pactFileName, readPact, type PactFile, type PactParticipants } from './pact-file.ts';

/** A contract in the making: what the consumer's own code does with what the provider is to answer. */
export interface Contract {
  /** A call over HTTP, in Pact's own words: `.given()`, `.uponReceiving()`, … `.executeTest(async ({ url }) => …)`. */
  httpInteraction(): ReturnType<PactV4['addInteraction']>;
  /**
   * An event of the provider: `data` says what the consumer reads of it, all of that and nothing else. The
   * consumer takes it as if it came from the broker; `then` looks at what it made of it.
   */
  eventInteraction(
    consumer: EventConsumer,
    type: string,
    data: object,
    then: () => Promise<void>,
  ): Promise<void>;
}

export interface PactBuilder extends Contract {
  /** @throws where an interaction is missing, or one of the events that the consumers read. */
  build(): PactFile;
  cleanUp(): Promise<void>;
}

export function createPactBuilder(participants: PactParticipants): PactBuilder {
  const directory = mkdtempSync(join(tmpdir(), 'plaza-pacts-'));
  const toRead = new Set<string>();
  const asked = new Set<string>();
  let begun = 0;

  /** A failed interaction must not leave its half in the next one: each has a pact of its own, and all a file. */
  function begin(): PactV4 {
    begun += 1;
    return new PactV4({ ...participants, dir: directory, logLevel: 'error' });
  }

  return {
    httpInteraction: () => begin().addInteraction(),

    eventInteraction: async (consumer, type, data, then) => {
      for (const each of Object.keys(consumer.events)) toRead.add(each);
      asked.add(type);
      await begin()
        .addAsynchronousInteraction()
        .expectsToReceive(type, (message) => message.withJSONContent(eventLike(type, asked.size, data)))
        .executeTest(async ({ contents: { content } }) => {
          await deliverTestEvent(consumer, content);
          assertAllFieldsRead(consumer, type, content);
          await then();
        });
    },

    build: () => {
      const unread = [...toRead].filter((type) => !asked.has(type));
      if (unread.length > 0) throw new Error(`The consumer reads this as well: ${unread.join(', ')}.`);
      const path = join(directory, pactFileName(participants));
      const pact = readPact(path);
      const recorded = pact?.interactions.length ?? 0;
      if (pact === undefined || recorded < begun)
        throw new Error(`${begun - recorded} of ${begun} interactions failed, or are called like another.`);
      return { path, pact };
    },

    cleanUp: () => rm(directory, { recursive: true, force: true }),
  };
}

const envelope = z.object({ data: z.record(z.string(), z.unknown()) });

/** A consumer that asks for what it does not read keeps its provider from changing it. */
function assertAllFieldsRead({ events }: EventConsumer, type: string, content: unknown): void {
  const { data } = envelope.parse(content);
  const read = events[type]?.schema.parse(data);
  if (!isDeepStrictEqual(read, data))
    throw new Error(`Of ${type} the consumer reads ${JSON.stringify(read)} and not ${JSON.stringify(data)}.`);
}
