import { canInstall, howToInstall } from '../servers/apt.ts';
import { cannotBuildFerretdb } from '../servers/ferretdb.ts';
import { serverKinds } from '../servers/kinds.ts';
import type { ServerKind } from '../servers/server.ts';
import type { Finding } from './finding.ts';

/** Which way each server comes. */
export function examineServers(): Promise<Finding[]> {
  return Promise.all(Object.values(serverKinds).map(examineServer));
}

async function examineServer(kind: ServerKind): Promise<Finding> {
  const subject = kind.name;
  if (process.env[kind.variable])
    return { subject, state: 'ok', text: `${kind.variable} of the environment` };
  const program = await kind.find();
  if (program !== undefined) return { subject, state: 'ok', text: `${program.label} (${program.path})` };
  return kind.name === 'mongodb' ? missingMongodb(subject) : missingPackage(subject, `${kind.name}-server`);
}

async function missingMongodb(subject: string): Promise<Finding> {
  const obstacle = await cannotBuildFerretdb();
  const otherwise =
    obstacle === undefined ? 'builds FerretDB in its place' : `FerretDB in its place needs ${obstacle}`;
  const remedy = `npm start downloads mongod; where that cannot be had, ${otherwise}.`;
  return { subject, state: 'missing', text: 'no mongod here yet', remedy };
}

async function missingPackage(subject: string, name: string): Promise<Finding> {
  const text = 'not installed';
  if (await canInstall())
    return { subject, state: 'missing', text, remedy: 'npm start installs it by apt-get.' };
  return { subject, state: 'missing', text, remedy: howToInstall(name), blocks: true };
}
