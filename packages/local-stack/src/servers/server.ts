import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Child } from '../process/child.ts';
import { acquireLock } from '../process/lock-file.ts';
import { readLastLines } from '../process/log-file.ts';
import { type Milliseconds, waitUntil } from '../process/wait-until.ts';
import { StackError } from '../stack-error.ts';

export type ServerName = 'redis' | 'rabbitmq' | 'mongodb';

export interface ServerPorts {
  readonly main: number;
  /** RabbitMQ's HTTP API and pages. */
  readonly management?: number;
}

export interface ServerSettings {
  readonly ports: ServerPorts;
  /** The folder of the server's data and other files. */
  readonly directory: string;
  /** The file to which its output is appended. */
  readonly log: string;
  /** Whether data must survive a power cut; it survives a crash of the server in any case. */
  readonly durable: boolean;
}

/** A program that runs a server on this machine. */
export interface Program {
  /** A short description. */
  readonly label: string;
  readonly path: string;
  run(settings: ServerSettings, output: number): Promise<Child>;
}

/** Reports the current activity of a long step. */
export type ReportProgress = (activity: string) => void;

export interface ServerType {
  readonly name: ServerName;
  readonly title: string;
  /** The environment variable with the URL of a running server to use instead. */
  readonly variable: string;
  readonly defaultPorts: ServerPorts;
  readonly startTimeoutMs: Milliseconds;
  /** The installed program. */
  find(): Promise<Program | undefined>;
  /** Installs the program. If that is impossible, throws a StackError that says what to install. */
  install(report: ReportProgress): Promise<Program>;
  url(ports: ServerPorts): string;
  isReady(ports: ServerPorts): Promise<boolean>;
}

/** A started server. */
export interface LaunchedServer {
  readonly child: Child;
  /** Settles when the server answers; rejects, with its last output, if it ended before or takes too long. */
  readonly ready: Promise<void>;
}

export async function findOrInstall(type: ServerType, report: ReportProgress = () => {}): Promise<Program> {
  return (await type.find()) ?? type.install(report);
}

/**
 * Starts a server. If a server of an earlier, killed run still uses the data, waits for its end, which takes
 * 10 s at most; throws a StackError with its process id if it does not end.
 */
export async function launchServer(
  type: ServerType,
  program: Program,
  settings: ServerSettings,
  report: ReportProgress = () => {},
): Promise<LaunchedServer> {
  const { directory, log, ports } = settings;
  await mkdir(directory, { recursive: true });
  await mkdir(dirname(log), { recursive: true });
  const onWait = (pid: number): void => report(`waiting for process ${pid} of an earlier run to end`);
  const held = await acquireLock(`${directory}.lock`, { onWait, timeoutMs: 20_000 });
  const child = await runProgram(program, settings).catch(async (error: unknown) => {
    await held.release();
    throw error;
  });
  if (child.pid !== undefined) await held.transferTo(child.pid);
  void child.exit.then(() => held.release());

  const ended = child.exit.then(async () => {
    throw new StackError(`${type.title} ended during its start:\n${await readLastLines(log)}`);
  });
  const ready = waitUntil(type.title, () => type.isReady(ports), {
    timeoutMs: type.startTimeoutMs,
    abortOn: ended,
  });
  ready.catch(() => child.kill());
  return { child, ready };
}

async function runProgram(program: Program, settings: ServerSettings): Promise<Child> {
  const output = await open(settings.log, 'a');
  try {
    return await program.run(settings, output.fd);
  } finally {
    await output.close();
  }
}

/** Starts a server and waits until it answers. */
export async function startServer(
  type: ServerType,
  program: Program,
  settings: ServerSettings,
): Promise<Child> {
  const { child, ready } = await launchServer(type, program, settings);
  await ready;
  return child;
}
