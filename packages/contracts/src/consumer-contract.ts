import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createPactBuilder, type Contract } from './pact-builder.ts';
import { pactFileName, PACTS_DIRECTORY, readPact, type PactParticipants } from './pact-file.ts';

/** Set by `npm run pacts`: what the tests find goes to pacts/, and is not only compared with it. */
const writing = process.env['PLAZA_PACTS'] === 'write';

/**
 * Describes all that one service asks of another: its calls, and every event that it reads of it. All of a pair
 * stands in one such block, since the last of its tests holds the whole of it to the committed pact.
 */
export function describeContract(participants: PactParticipants, body: (contract: Contract) => void): void {
  describe(`${participants.consumer}, with ${participants.provider}`, () => {
    const builder = createPactBuilder(participants);
    afterAll(builder.cleanUp);
    body(builder);

    test(`is all that pacts/${pactFileName(participants)} says (else: npm run pacts)`, async () => {
      const { pact } = builder.build();
      const path = join(PACTS_DIRECTORY, pactFileName(participants));
      if (writing) await writeFile(path, `${JSON.stringify(pact, null, 2)}\n`);
      const committed = readPact(path);
      if (committed === undefined) throw new Error('There is no such file: npm run pacts writes it.');
      expect(pact).toEqual(committed);
    });
  });
}
