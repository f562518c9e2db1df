import { openRun } from './testing/run.ts';

// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default openRun;
