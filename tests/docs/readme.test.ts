import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const checkout = resolve(import.meta.dirname, '../..');
const BLOCK = /^```(\w*)\n([^]*?)^```$/gm;
/** What a command is for, in the language of the page. */
const REMARK = / +#.*$/gm;

/** What every language has in common: what a reader types, sees, opens and follows. */
async function extractComparableParts(page: string) {
  const text = await readFile(resolve(checkout, page), 'utf8');
  const prose = text.replaceAll(BLOCK, '').replaceAll(/README(\.es)?\.md/g, 'README');
  return {
    blocks: [...text.matchAll(BLOCK)]
      .filter(([, kind]) => kind !== '')
      .map(([, kind, shown = '']) => [kind, shown.replaceAll(REMARK, '')]),
    headings: [...prose.matchAll(/^#+(?= )/gm)].map(String),
    codes: [...prose.matchAll(/`[^`]+`/g)].map(String).sort(),
    links: [...prose.matchAll(/(?<=\]\()[^)]+|https?:\/\/[^\s,|;)]+/g)].map(String).sort(),
  };
}

describe('README.es.md', () => {
  test('has the commands, answers, addresses and links of README.md, and no other', async () => {
    const substance = await extractComparableParts('README.md');
    expect(substance.blocks.length).toBeGreaterThan(10);
    expect(await extractComparableParts('README.es.md')).toEqual(substance);
  });
});
