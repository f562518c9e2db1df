import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Child } from '../process/child.ts';
import { type Milliseconds, until } from '../process/until.ts';
import { StackError } from '../stack-error.ts';

export type ServerName = 'redis' | 'rabbitmq' | 'mongodb';

export interface Ports {
  readonly main: number;
  /** RabbitMQ's HTTP API and pages. */
  readonly management?: number;
}

export interface ServerSettings {
  readonly ports: Ports;
  /** Data, and what the server needs beside it. */
  readonly directory: string;
  /** The file that its output is added to. */
  readonly log: string;
  /** Whether data has to survive a power cut; it survives the death of the server in any case. */
  readonly durable: boolean;
}

/** A way to run a server on this machine. */
export interface Program {
  /** As doctor shows it: "redis-server 7.0.15". */
  readonly label: string;
  run(settings: ServerSettings, output: number): Promise<Child>;
}

/** Tells what a long step is doing at the moment. */
export type Report = (activity: string) => void;

export interface ServerKind {
  readonly name: ServerName;
  readonly title: string;
  /** The environment variable that names a running server instead. */
  readonly variable: string;
  readonly customaryPorts: Ports;
  readonly startsWithin: Milliseconds;
  /** The program that is on this machine. */
  find(): Promise<Program | undefined>;
  /** Brings the program onto this machine. Throws a StackError that says what to install where it cannot. */
  install(report: Report): Promise<Program>;
  url(ports: Ports): string;
  answers(ports: Ports): Promise<boolean>;
}

export interface Server {
  readonly kind: ServerKind;
  readonly ports: Ports;
  readonly url: string;
  readonly child: Child;
}

export async function findOrInstall(kind: ServerKind, report: Report = () => {}): Promise<Program> {
  return (await kind.find()) ?? kind.install(report);
}

/** Starts a server and waits until it answers. Throws a StackError with its last words where it does not. */
export async function startServer(
  kind: ServerKind,
  program: Program,
  settings: ServerSettings,
): Promise<Server> {
  mkdirSync(settings.directory, { recursive: true });
  mkdirSync(dirname(settings.log), { recursive: true });
  const output = openSync(settings.log, 'a');
  let child: Child;
  try {
    child = await program.run(settings, output);
  } finally {
    closeSync(output);
  }
  const ended = child.exit.then(async () => {
    throw new StackError(`${kind.title} ended while it was starting:\n${await lastLines(settings.log)}`);
  });
  try {
    await until(kind.title, () => kind.answers(settings.ports), { within: kind.startsWithin, failed: ended });
  } catch (error) {
    await child.kill();
    throw error;
  }
  return { kind, ports: settings.ports, url: kind.url(settings.ports), child };
}

export async function emptyDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

async function lastLines(log: string): Promise<string> {
  const text = await readFile(log, 'utf8');
  const lines = text.trimEnd().split('\n').slice(-10);
  return [...lines, `(from ${log})`].map((line) => `  ${line}`).join('\n');
}
