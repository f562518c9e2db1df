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
  /** Data, and what the server needs beside it. */
  readonly directory: string;
  /** The file that its output is added to. */
  readonly log: string;
  /** Whether data has to survive a power cut; it survives the death of the server in any case. */
  readonly durable: boolean;
}

/** A way to run a server on this machine. */
export interface Program {
  /** What it is, in few words. */
  readonly label: string;
  readonly path: string;
  run(settings: ServerSettings, output: number): Promise<Child>;
}

/** Tells what a long step is doing at the moment. */
export type ReportProgress = (activity: string) => void;

export interface ServerType {
  readonly name: ServerName;
  readonly title: string;
  /** The environment variable that names a running server instead. */
  readonly variable: string;
  readonly defaultPorts: ServerPorts;
  readonly startTimeoutMs: Milliseconds;
  /** The program that is on this machine. */
  find(): Promise<Program | undefined>;
  /** Brings the program onto this machine. Throws a StackError that says what to install where it cannot. */
  install(report: ReportProgress): Promise<Program>;
  url(ports: ServerPorts): string;
  isReady(ports: ServerPorts): Promise<boolean>;
}

/** A server that has been started. */
export interface LaunchedServer {
  readonly child: Child;
  /** Settles when the server answers; rejects, with its last words, where it ended before or takes too long. */
  readonly ready: Promise<void>;
}

export async function findOrInstall(type: ServerType, report: ReportProgress = () => {}): Promise<Program> {
  return (await type.find()) ?? type.install(report);
}

/**
 * Starts a server. Where one of an earlier, killed run still has the data open, waits until it has ended, which takes
 * 10 s at most; throws a StackError that names it where it does not.
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
    throw new StackError(`${type.title} ended while it was starting:\n${await readLastLines(log)}`);
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
