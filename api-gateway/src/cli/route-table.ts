import type { Declaration, Route } from '../declaration/declaration.ts';
import { candidatesOf, compareCandidates, type Candidate } from '../routing/priority.ts';

/** All routes as lines of text, in the order in which they are tried. */
export function routeTable({ routes }: Declaration): string {
  const rows = candidatesOf(routes).toSorted(compareCandidates).map(rowOf);
  const head = ['ROUTE', 'METHODS', 'PATHS', 'HOSTS AND HEADERS', 'SERVICE'];
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), title.length),
  );
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function rowOf({ route, paths }: Candidate): string[] {
  return [
    route.name,
    route.methods === undefined ? 'any' : [...route.methods].join(','),
    paths.length === 0
      ? 'any'
      : paths.map(({ kind, value }) => (kind === 'regex' ? `~${value}` : value)).join(' '),
    [...route.hosts, ...[...route.headers].map(([name, values]) => `${name}: ${values.join(' or ')}`)].join(
      ' ',
    ) || '-',
    serviceUrl(route),
  ];
}

/** Where a route leads to; a name of the registry has no port. */
export function serviceUrl({ service }: Route): string {
  if (service === undefined) return 'none: a plugin answers';
  const { protocol, host, port } = service.address;
  return `${protocol}//${host}${port === undefined ? '' : `:${port}`}${service.path}`;
}
