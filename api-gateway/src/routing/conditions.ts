import type { Route } from '../declaration/declaration.ts';

/** What a route may look at, besides the path. Express' request is one. */
export interface Asked {
  readonly method: string;
  /** With its port, if one was asked for. */
  readonly host: string;
  readonly protocol: string;
  /** By name in small letters, each line by itself. */
  readonly headersDistinct: Readonly<Record<string, readonly string[] | undefined>>;
}

type Condition = (asked: Asked) => boolean;

/** Whether a request is one for a route, its path apart; undefined where the route asks for nothing more. */
export function conditionOf({ methods, hosts, headers }: Route): Condition | undefined {
  const conditions: Condition[] = [
    ...(methods === undefined ? [] : [({ method }: Asked) => methods.has(method)]),
    ...(hosts.length === 0 ? [] : [hostCondition(hosts)]),
    ...[...headers].map(([name, values]) => headerCondition(name, values)),
  ];
  const [first, ...more] = conditions;
  if (first === undefined || more.length === 0) return first;
  return (asked) => conditions.every((holds) => holds(asked));
}

function hostCondition(hosts: readonly string[]): Condition {
  const wanted = hosts.map(splitHost);
  return ({ host, protocol }) => {
    const asked = splitHost(host.toLowerCase());
    const port = asked.port ?? (protocol === 'https' ? '443' : '80');
    return wanted.some(
      ({ name, port: only }) => (only === undefined || only === port) && sameName(name, asked.name),
    );
  };
}

/** `*.a.test` is every name below a.test, `a.*` every name that begins so. */
function sameName(wanted: string, asked: string): boolean {
  if (wanted.startsWith('*')) return asked.endsWith(wanted.slice(1));
  return wanted.endsWith('*') ? asked.startsWith(wanted.slice(0, -1)) : asked === wanted;
}

function splitHost(host: string): { name: string; port: string | undefined } {
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return { name, port };
}

/** Values are compared in small letters, as Kong does. One line with one of the values is enough. */
function headerCondition(name: string, values: readonly string[]): Condition {
  const exact = new Set(
    values.filter((value) => !value.startsWith('~*')).map((value) => value.toLowerCase()),
  );
  const patterns = values
    .filter((value) => value.startsWith('~*'))
    .map((value) => new RegExp(value.slice(2), 'i'));
  return ({ headersDistinct }) =>
    (headersDistinct[name] ?? []).some(
      (line) => exact.has(line.toLowerCase()) || patterns.some((pattern) => pattern.test(line)),
    );
}
