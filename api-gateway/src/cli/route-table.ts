import type { DeclarativeConfig, RouteEntity } from '../kong-config/model/entities.ts';
import { toRouteCandidates, compareRoutePriority, type RouteCandidate } from '../router/route-priority.ts';

/** All routes as lines of text, in the order of their priority. */
export function formatRouteTable({ routes }: DeclarativeConfig): string {
  const rows = toRouteCandidates(routes).toSorted(compareRoutePriority).map(toRow);
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

function toRow({ route, paths }: RouteCandidate): string[] {
  return [
    route.name,
    route.methods === undefined ? 'any' : [...route.methods].join(','),
    paths.length === 0
      ? 'any'
      : paths.map(({ kind, value }) => (kind === 'regex' ? `~${value}` : value)).join(' '),
    [...route.hosts, ...[...route.headers].map(([name, values]) => `${name}: ${values.join(' or ')}`)].join(
      ' ',
    ) || '-',
    formatServiceUrl(route),
  ];
}

/** URL of the route's service; a name in the registry has no port. */
export function formatServiceUrl({ service }: RouteEntity): string {
  if (service === undefined) return 'none: a plugin answers';
  const { protocol, host, port } = service.address;
  return `${protocol}//${host}${port === undefined ? '' : `:${port}`}${service.path}`;
}
