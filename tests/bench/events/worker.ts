import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { timings, type BenchJob, type Timings } from './worker-protocol.ts';

/** A producer or a consumer in a process of its own, so that its CPU time can be measured. */
export interface BenchWorker {
  /** Runs a job; a consumer replies once it has handled all events of it. */
  run(job: BenchJob): Promise<Timings>;
  stop(): void;
}

export async function startBenchWorker(
  file: URL,
  environment: Readonly<Record<string, string>>,
): Promise<BenchWorker> {
  const child = fork(fileURLToPath(file), [], {
    execArgv: ['--conditions=source'],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
  });
  child.once('exit', (code) => {
    if (code !== null && code !== 0) throw new Error(`${file.href} ended with ${code}`);
  });
  await once(child, 'message');
  return {
    run: async (job) => {
      const answer = once(child, 'message');
      child.send(job);
      const [message] = await answer;
      return timings.parse(message);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
