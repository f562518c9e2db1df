import { parseArgs } from 'node:util';
import { vaultEnvironment, DEFAULT_CONFIG_FILE } from '../config.ts';
import { loadConfigFile } from '../kong-config/load-config-file.ts';
import type { DeclarativeConfig } from '../kong-config/model/entities.ts';
import { STANDARD_PLUGINS } from '../plugins/index.ts';
import { loadCustomPlugins } from '../plugins/custom-plugins.ts';
import { matchRoute } from './match-route.ts';
import { formatRouteTable } from './route-table.ts';

const USAGE = `Usage:
  npm run gateway -- validate FILE                        every mistake in a configuration; exit 1 where there is one
  npm run gateway -- routes [--config FILE]               all routes, in the order in which they are tried
  npm run gateway -- routes METHOD PATH [-H 'NAME: VALUE' …] [--config FILE]
                                                          which of them a request would take, and why
`;

const { values, positionals } = parseArguments();
const customPlugins = await loadCustomPlugins(process.env['GATEWAY_PLUGINS']);
const [command, ...rest] = positionals;
const file = values.config ?? DEFAULT_CONFIG_FILE;

switch (command) {
  case 'validate':
    validateCommand(rest[0] ?? file);
    break;
  case 'routes':
    routesCommand(rest[0], rest[1]);
    break;
  default:
    exitWithUsage(command === undefined ? 'Which command?' : `There is no command ${command}.`);
}

function parseArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { config: { type: 'string' }, header: { type: 'string', short: 'H', multiple: true } },
    });
  } catch (error) {
    return exitWithUsage(Error.isError(error) ? error.message : String(error));
  }
}

function validateCommand(path: string): void {
  const { services, routes, plugins, consumers, upstreams } = loadConfigOrExit(path);
  const counts = { services, routes, upstreams, plugins, consumers };
  const words = Object.entries(counts).map(
    ([name, { length }]) => `${length} ${length === 1 ? name.slice(0, -1) : name}`,
  );
  process.stdout.write(`${path} is valid: ${words.join(', ')}.\n`);
}

function routesCommand(method: string | undefined, path: string | undefined): void {
  const config = loadConfigOrExit(file);
  if (method === undefined) process.stdout.write(formatRouteTable(config));
  else if (path === undefined) exitWithUsage('A method needs a path.');
  else {
    const { host, target } = parseTargetArgument(path);
    const headers = [...parseHeaders(), ...(host === undefined ? [] : [['host', host] as const])];
    const { text, found } = matchRoute(config, {
      method: method.toUpperCase(),
      target,
      headers,
    });
    process.stdout.write(text);
    if (!found) process.exitCode = 1;
  }
}

/** Accepts a whole URL instead of a path. */
function parseTargetArgument(text: string): { readonly host?: string; readonly target: string } {
  const [, host, target = ''] = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(text) ?? [];
  if (host === undefined) return { target: text };
  return { host, target: target.startsWith('/') ? target : `/${target}` };
}

function parseHeaders(): (readonly [string, string])[] {
  return (values.header ?? []).map((line) => {
    const [, name, value] =
      /^([^:\s]+):\s*(.*)$/.exec(line) ?? exitWithUsage(`"${line}" must be written NAME: VALUE`);
    return [(name ?? '').toLowerCase(), value ?? ''] as const;
  });
}

function loadConfigOrExit(path: string): DeclarativeConfig {
  const { loaded, mistakes } = loadConfigFile(path, {
    kinds: [...STANDARD_PLUGINS, ...customPlugins.kinds],
    environment: vaultEnvironment(process.env),
  });
  if (loaded !== undefined && customPlugins.mistakes.length === 0) return loaded.config;
  const all = [
    ...customPlugins.mistakes.map((mistake) => `GATEWAY_PLUGINS: ${mistake}`),
    ...(mistakes ?? []),
  ];
  const count = `${all.length} ${all.length === 1 ? 'mistake' : 'mistakes'}`;
  process.stderr.write(`${path} has ${count}:\n${all.map((mistake) => `  ${mistake}\n`).join('')}`);
  process.exit(1);
}

function exitWithUsage(words: string): never {
  process.stderr.write(`${words}\n\n${USAGE}`);
  process.exit(64); // EX_USAGE of sysexits.h
}
