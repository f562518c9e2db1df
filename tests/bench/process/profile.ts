import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { MeasuredChild } from './child.ts';

/** The part of V8's .cpuprofile that is read here. */
const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
    }),
  ),
  samples: z.array(z.int()),
});

const ROWS = 45;

/** Where a process's CPU goes: shares of the samples by package, and by function. */
export async function profiled(process: MeasuredChild, work: () => Promise<unknown>): Promise<string> {
  await work();
  const file = join(mkdtempSync(join(tmpdir(), 'plaza-profile-')), 'bench.cpuprofile');
  const write = await process.profile(file);
  await work();
  await write();
  const { nodes, samples } = cpuProfile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const seen = samples
    .flatMap((id) => frames.get(id) ?? [])
    .filter(({ functionName }) => functionName !== '(idle)');
  const byPart = shares(seen.map(({ url, functionName }) => partOf(url, functionName)));
  const byFunction = shares(
    seen.map(
      ({ url, functionName, lineNumber }) =>
        `${functionName || '(anonymous)'}  ${placeOf(url)}:${lineNumber + 1}`,
    ),
  );
  return `${file}\n\nBy part\n${byPart}\n\nBy function\n${byFunction}\n`;
}

function shares(names: readonly string[]): string {
  return [...Map.groupBy(names, (name) => name)]
    .map(([name, all]) => ({ name, share: all.length / names.length }))
    .sort((one, other) => other.share - one.share)
    .slice(0, ROWS)
    .map(({ name, share }) => `${(share * 100).toFixed(1).padStart(6)} %  ${name}`)
    .join('\n');
}

function partOf(url: string, functionName: string): string {
  if (url === '') return functionName === '(garbage collector)' ? functionName : '(native)';
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  const installed = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return installed ?? /\/((?:packages\/)?[^/]+\/src\/[^/]+)/.exec(url)?.[1] ?? url;
}

const placeOf = (url: string) => url.split('/').slice(-3).join('/');
