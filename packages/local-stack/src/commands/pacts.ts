import { test } from './test.ts';

/** Runs the consumers' contract tests, which write pacts/ if this variable is set, and compare with it otherwise. */
export async function pacts(): Promise<number | undefined> {
  process.env['PLAZA_PACTS'] = 'write';
  return test(['/test/contracts/.*\\.pact\\.test\\.ts$']);
}
