import { test } from './test.ts';

/** Runs the consumers' contract tests, which write pacts/ where this variable says so, and else compare with it. */
export async function pacts(): Promise<number | undefined> {
  process.env['PLAZA_PACTS'] = 'write';
  return test(['/test/contracts/.*\\.pact\\.test\\.ts$']);
}
