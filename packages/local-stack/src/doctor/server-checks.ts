import { canInstall, installHint } from '../servers/apt.ts';
import { findMissingPrerequisite } from '../servers/ferretdb.ts';
import { serverTypes } from '../servers/server-types.ts';
import type { ServerType } from '../servers/server.ts';
import type { Diagnostic } from './diagnostic.ts';

/** How each server is provided: environment, PATH, installation or download. */
export function checkServers(): Promise<Diagnostic[]> {
  return Promise.all(Object.values(serverTypes).map(checkServer));
}

async function checkServer(type: ServerType): Promise<Diagnostic> {
  const subject = type.name;
  if (process.env[type.variable])
    return { subject, state: 'ok', text: `${type.variable} of the environment` };
  const program = await type.find();
  if (program !== undefined) return { subject, state: 'ok', text: `${program.label} (${program.path})` };
  return type.name === 'mongodb'
    ? diagnoseMissingMongodb(subject)
    : diagnoseMissingPackage(subject, `${type.name}-server`);
}

async function diagnoseMissingMongodb(subject: string): Promise<Diagnostic> {
  const obstacle = await findMissingPrerequisite();
  const otherwise =
    obstacle === undefined ? 'builds FerretDB instead' : `needs ${obstacle} to build FerretDB instead`;
  const remedy = `npm start downloads mongod; if that fails, it ${otherwise}.`;
  return { subject, state: 'missing', text: 'no mongod installed yet', remedy };
}

async function diagnoseMissingPackage(subject: string, name: string): Promise<Diagnostic> {
  const text = 'not installed';
  if (await canInstall())
    return { subject, state: 'missing', text, remedy: 'npm start installs it by apt-get.' };
  return { subject, state: 'missing', text, remedy: installHint(name), blocks: true };
}
