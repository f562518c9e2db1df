import { startTestRun } from './testing/jest-run.ts';

export default startTestRun;
