import { access, glob, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const checkout = resolve(import.meta.dirname, '../..');
/** Targets of links in Markdown, without their anchors; addresses of the web are left out. */
const LINK = /(?<=\]\()(?!https?:|#)[^)#\s]+/g;

async function findPages(): Promise<string[]> {
  const pages: string[] = [];
  const patterns = ['*.md', 'docs/**/*.md', '*-service/*.md', 'packages/*/*.md'];
  for await (const page of glob(patterns, { cwd: checkout, exclude: ['node_modules/**'] })) pages.push(page);
  return pages.sort();
}

async function extractLinks(page: string): Promise<string[]> {
  const text = await readFile(resolve(checkout, page), 'utf8');
  return [...text.matchAll(LINK)].map(String);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** The links of a page whose file or folder does not exist. */
async function findBrokenLinks(page: string): Promise<string[]> {
  const broken: string[] = [];
  for (const link of await extractLinks(page))
    if (!(await exists(resolve(checkout, dirname(page), link)))) broken.push(link);
  return broken;
}

test.each(await findPages())('each file that %s links to exists', async (page) => {
  expect(await findBrokenLinks(page)).toEqual([]);
});

describe('docs/glossary.md', () => {
  test('names a file for each concept', async () => {
    const text = await readFile(resolve(checkout, 'docs/glossary.md'), 'utf8');
    const rows = text.split('\n').filter((line) => /^\| (?!concept|-)/.test(line));
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter((row) => !/\]\(\.\.\/[^)]+\) *\|$/.test(row))).toEqual([]);
  });
});

describe('docs/tour.md', () => {
  test('names a file in each step', async () => {
    const text = await readFile(resolve(checkout, 'docs/tour.md'), 'utf8');
    const steps = text.split(/^(?=\d+\. )/m).slice(1);
    expect(steps.length).toBeGreaterThan(40);
    expect(steps.filter((step) => !step.includes('](../'))).toEqual([]);
  });
});

describe('README.md', () => {
  test('links to every document in docs/', async () => {
    const links = await extractLinks('README.md');
    const documents: string[] = [];
    for await (const document of glob('docs/*.md', { cwd: checkout })) documents.push(document);
    expect(links).toEqual(expect.arrayContaining(documents));
  });
});
