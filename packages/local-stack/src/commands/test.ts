import { join } from 'node:path';
import { run } from 'jest';
import { checkout, here } from '../paths.ts';

export async function test(args: readonly string[]): Promise<number> {
  process.chdir(checkout);
  await run([...args, '--reporters=default', `--reporters=${join(here, 'src/testing/reporter.ts')}`]);
  return process.exitCode ? Number(process.exitCode) : 0;
}
