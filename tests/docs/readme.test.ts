import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const checkout = resolve(import.meta.dirname, '../..');
const BLOCK = /^```(\w*)\n([^]*?)^```$/gm;
/** A comment after a command, in the language of the page. */
const REMARK = / +#.*$/gm;

/** The parts that are equal in every language: commands, outputs, headings, code and links. */
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
  test('has exactly the commands, outputs, addresses and links of README.md', async () => {
    const substance = await extractComparableParts('README.md');
    expect(substance.blocks.length).toBeGreaterThan(10);
    expect(await extractComparableParts('README.es.md')).toEqual(substance);
  });
});
