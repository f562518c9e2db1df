import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openDraft, type Contract } from './draft.ts';
import { fileOf, PACTS, readPact, type Parties } from './pact-file.ts';

/** Set by `npm run pacts`: what the tests find goes to pacts/, and is not only compared with it. */
const writing = process.env['PLAZA_PACTS'] === 'write';

/**
 * Describes all that one service asks of another: its calls, and every event that it reads of it. All of a pair
 * stands in one such block, since the last of its tests holds the whole of it to the committed pact.
 */
export function describeContract(parties: Parties, body: (contract: Contract) => void): void {
  describe(`${parties.consumer}, with ${parties.provider}`, () => {
    const draft = openDraft(parties);
    afterAll(draft.discard);
    body(draft);

    test(`is all that pacts/${fileOf(parties)} says (else: npm run pacts)`, async () => {
      const { pact } = draft.complete();
      const path = join(PACTS, fileOf(parties));
      if (writing) await writeFile(path, `${JSON.stringify(pact, null, 2)}\n`);
      const committed = readPact(path);
      if (committed === undefined) throw new Error('There is no such file: npm run pacts writes it.');
      expect(pact).toEqual(committed);
    });
  });
}
