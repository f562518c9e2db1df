import { stopTestRun } from './testing/jest-run.ts';

/** In watch mode the servers stay for the next run, and end with jest's process. */
export default async function teardown({
  watch,
  watchAll,
}: {
  watch: boolean;
  watchAll: boolean;
}): Promise<void> {
  if (!watch && !watchAll) await stopTestRun();
}
