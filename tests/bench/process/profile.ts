import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { MeasuredProcess } from './measured-process.ts';

/** The fields of V8's .cpuprofile that are read here. */
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

/** Shares of a process's CPU samples by package and by function. */
export async function profileCpu(process: MeasuredProcess, work: () => Promise<unknown>): Promise<string> {
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
  const byPackage = formatShares(seen.map(({ url, functionName }) => getPackage(url, functionName)));
  const byFunction = formatShares(
    seen.map(
      ({ url, functionName, lineNumber }) =>
        `${functionName || '(anonymous)'}  ${shortPath(url)}:${lineNumber + 1}`,
    ),
  );
  return `${file}\n\nBy package\n${byPackage}\n\nBy function\n${byFunction}\n`;
}

function formatShares(names: readonly string[]): string {
  return [...Map.groupBy(names, (name) => name)]
    .map(([name, all]) => ({ name, share: all.length / names.length }))
    .sort((one, other) => other.share - one.share)
    .slice(0, ROWS)
    .map(({ name, share }) => `${(share * 100).toFixed(1).padStart(6)} %  ${name}`)
    .join('\n');
}

function getPackage(url: string, functionName: string): string {
  if (url === '') return functionName === '(garbage collector)' ? functionName : '(native)';
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  const installed = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return installed ?? /\/((?:packages\/)?[^/]+\/src\/[^/]+)/.exec(url)?.[1] ?? url;
}

const shortPath = (url: string) => url.split('/').slice(-3).join('/');
