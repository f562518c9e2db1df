import { parseArgs } from 'node:util';
import { referredTo, STANDARD_FILE } from '../config.ts';
import { readDeclarationFile } from '../declaration/declaration-file.ts';
import type { Declaration } from '../declaration/declaration.ts';
import { STANDARD_PLUGINS } from '../plugins/index.ts';
import { readOwnPlugins } from '../plugins/own-plugins.ts';
import { explain } from './explain.ts';
import { routeTable } from './route-table.ts';

const USAGE = `Usage:
  npm run gateway -- validate FILE                        every mistake in a configuration; exit 1 where there is one
  npm run gateway -- routes [--config FILE]               all routes, in the order in which they are tried
  npm run gateway -- routes METHOD PATH [-H 'NAME: VALUE' …] [--config FILE]
                                                          which of them a request would take, and why
`;

const { values, positionals } = arguments_();
const own = await readOwnPlugins(process.env['GATEWAY_PLUGINS']);
const [command, ...rest] = positionals;
const file = values.config ?? STANDARD_FILE;

switch (command) {
  case 'validate':
    validate(rest[0] ?? file);
    break;
  case 'routes':
    routes(rest[0], rest[1]);
    break;
  default:
    misused(command === undefined ? 'Which command?' : `There is no command ${command}.`);
}

function arguments_() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { config: { type: 'string' }, header: { type: 'string', short: 'H', multiple: true } },
    });
  } catch (error) {
    return misused(Error.isError(error) ? error.message : String(error));
  }
}

function validate(path: string): void {
  const { services, routes, plugins, consumers, upstreams } = declarationIn(path);
  const counts = { services, routes, upstreams, plugins, consumers };
  const words = Object.entries(counts).map(
    ([name, { length }]) => `${length} ${length === 1 ? name.slice(0, -1) : name}`,
  );
  process.stdout.write(`${path} is valid: ${words.join(', ')}.\n`);
}

function routes(method: string | undefined, path: string | undefined): void {
  const declaration = declarationIn(file);
  if (method === undefined) process.stdout.write(routeTable(declaration));
  else if (path === undefined) misused('A method needs a path.');
  else {
    const { host, target } = targetIn(path);
    const asked = [...headers(), ...(host === undefined ? [] : [['host', host] as const])];
    const { text, found } = explain(declaration, { method: method.toUpperCase(), target, headers: asked });
    process.stdout.write(text);
    if (!found) process.exitCode = 1;
  }
}

/** Whoever has a whole URL at hand need not take it apart. */
function targetIn(text: string): { readonly host?: string; readonly target: string } {
  const [, host, target = ''] = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(text) ?? [];
  if (host === undefined) return { target: text };
  return { host, target: target.startsWith('/') ? target : `/${target}` };
}

function headers(): (readonly [string, string])[] {
  return (values.header ?? []).map((line) => {
    const [, name, value] =
      /^([^:\s]+):\s*(.*)$/.exec(line) ?? misused(`"${line}" must be written NAME: VALUE`);
    return [(name ?? '').toLowerCase(), value ?? ''] as const;
  });
}

function declarationIn(path: string): Declaration {
  const { read, mistakes } = readDeclarationFile(path, {
    kinds: [...STANDARD_PLUGINS, ...own.kinds],
    environment: referredTo(process.env),
  });
  if (read !== undefined && own.mistakes.length === 0) return read.declaration;
  const all = [...own.mistakes.map((mistake) => `GATEWAY_PLUGINS: ${mistake}`), ...(mistakes ?? [])];
  const count = `${all.length} ${all.length === 1 ? 'mistake' : 'mistakes'}`;
  process.stderr.write(`${path} has ${count}:\n${all.map((mistake) => `  ${mistake}\n`).join('')}`);
  process.exit(1);
}

function misused(words: string): never {
  process.stderr.write(`${words}\n\n${USAGE}`);
  process.exit(64); // EX_USAGE of sysexits.h
}
