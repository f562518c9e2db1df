import { MongoClient } from 'mongodb';
import { startChild } from '../process/child.ts';
import { findProgram } from '../process/find-program.ts';
import { StackError } from '../stack-error.ts';
import { downloadMongod, findDownloadedMongod } from './mongod-download.ts';
import { buildFerretdb, findFerretdb, findMissingPrerequisite } from './ferretdb.ts';
import type { Program, ServerType } from './server.ts';

/** mongod from PATH or an earlier download, else a new download, else a build of FerretDB. */
export const mongodb: ServerType = {
  name: 'mongodb',
  title: 'MongoDB',
  variable: 'MONGODB_URI',
  defaultPorts: { main: 27017 },
  startTimeoutMs: 30_000,

  async find() {
    const path = (await findProgram('mongod')) ?? (await findDownloadedMongod());
    return path === undefined ? findFerretdb() : createMongodProgram(path);
  },

  async install(report) {
    report('downloading mongod');
    const path = await downloadMongod();
    if (path !== undefined) return createMongodProgram(path);
    const obstacle = await findMissingPrerequisite();
    if (obstacle !== undefined) {
      throw new StackError(
        `mongod is not installed and could not be downloaded, and building FerretDB instead needs ${obstacle}. ` +
          'Install MongoDB Community Server (https://www.mongodb.com/docs/manual/administration/install-community/) or set MONGODB_URI.',
      );
    }
    return buildFerretdb(report);
  },

  url: ({ main }) => `mongodb://127.0.0.1:${main}`,

  async isReady(ports) {
    await runMongoCommand(this.url(ports), 'admin', { ping: 1 });
    return true;
  },
};

function createMongodProgram(path: string): Program {
  return {
    label: 'mongod',
    path,
    async run({ ports, directory }, output) {
      const args = ['--dbpath', directory, '--bind_ip', '127.0.0.1', '--port', String(ports.main), '--quiet'];
      return startChild(path, args, { output });
    },
  };
}

/** Runs one command on a database. Throws if the server does not answer within 1 s, or refuses. */
export async function runMongoCommand(uri: string, database: string, command: object): Promise<unknown> {
  const client = new MongoClient(uri, {
    serverSelectionTimeoutMS: 1_000,
    directConnection: true,
    maxPoolSize: 1,
  });
  try {
    return await client.db(database).command({ ...command });
  } finally {
    await client.close();
  }
}
