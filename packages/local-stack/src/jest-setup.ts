import { openRun } from './testing/run.ts';

export default openRun;
