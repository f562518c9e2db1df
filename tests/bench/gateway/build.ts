import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { discoverServices, type WorkspaceService } from '@plaza/local-stack';
import { BenchUsageError } from '../usage-error.ts';

const GATEWAY = 'api-gateway';

/** The gateway of one checkout. */
export interface GatewayBuild {
  readonly main: URL;
  /** The commit of its checkout, with a mark where files differ from it. */
  readonly commit: string;
}

/** The gateway of the checkout that this bench is part of. */
export const thisBuild = () => findGatewayBuild(resolve(import.meta.dirname, '../../..'));

/**
 * Finds the gateway of a checkout by its package.json: a service is a workspace with a "plaza" entry and a
 * src/main.ts, whatever its other files are called.
 *
 * @throws {BenchUsageError} where there is none, or where it would run with the packages of another checkout
 */
export async function findGatewayBuild(directory: string): Promise<GatewayBuild> {
  const root = resolve(directory);
  if (!existsSync(root)) throw new BenchUsageError(`${root} does not exist.`);
  if (!existsSync(join(root, 'package.json')))
    throw new BenchUsageError(`${root} is no checkout of Plaza: it has no package.json.`);
  const gateway = (await discoverServicesOf(root)).find(({ name }) => name === GATEWAY);
  if (gateway === undefined)
    throw new BenchUsageError(
      `${root} has no service "${GATEWAY}" among the workspaces of its package.json.`,
    );
  requireOwnPackages(root, gateway);
  return { main: pathToFileURL(join(gateway.directory, 'src/main.ts')), commit: readCommit(root) };
}

async function discoverServicesOf(root: string): Promise<WorkspaceService[]> {
  try {
    return await discoverServices(root);
  } catch (error) {
    throw new BenchUsageError(`${root} is no checkout of Plaza: its package.json files cannot be read.`, {
      cause: error,
    });
  }
}

/** node_modules may be a link to another checkout's: the packages of @plaza would then come from there. */
function requireOwnPackages(root: string, { sources }: WorkspaceService): void {
  const installed = join(root, 'node_modules/@plaza/service-kit');
  if (!existsSync(installed))
    throw new BenchUsageError(`${root} has no installed dependencies: run \`npm ci\` there.`);
  const home = realpathSync(root) + sep;
  const inside = sources.every((source) => !existsSync(source) || realpathSync(source).startsWith(home));
  if (!inside || !realpathSync(installed).startsWith(home))
    throw new BenchUsageError(
      `${root} uses the node_modules of another checkout: run \`npm ci\` there, or both builds share their packages.`,
    );
}

function readCommit(root: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const commit = git('rev-parse', '--short', 'HEAD');
    return git('status', '--porcelain') === '' ? commit : `${commit} with changes`;
  } catch {
    return 'without git';
  }
}
