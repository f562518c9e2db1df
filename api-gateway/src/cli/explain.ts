import { isPlazaError } from '@plaza/errors';
import type { Declaration, Route } from '../declaration/declaration.ts';
import { conditionOf, type Asked } from '../routing/conditions.ts';
import { candidatesOf, compareCandidates, type Candidate } from '../routing/priority.ts';
import { parseTarget } from '../routing/request-target.ts';
import { createRouter } from '../routing/router.ts';
import { serviceUrl } from './route-table.ts';

export interface Question {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Names in small letters. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface Explanation {
  readonly text: string;
  readonly found: boolean;
}

/** Which route a request would take, what its service would be asked, and why not another. */
export function explain(declaration: Declaration, question: Question): Explanation {
  try {
    return explained(declaration, question, parseTarget(question.target));
  } catch (error) {
    if (!isPlazaError(error)) throw error;
    return { found: false, text: `No route: the gateway answers 400. ${error.message}\n` };
  }
}

function explained(
  declaration: Declaration,
  question: Question,
  { path, query }: { path: string; query: string },
): Explanation {
  const asked = askedBy(question);
  const match = createRouter(declaration)(path, asked);
  const candidates = candidatesOf(declaration.routes).toSorted(compareCandidates);
  const matching = candidates.filter((candidate) => matches(candidate, path, asked));
  if (match === undefined)
    return { found: false, text: `No route: ${nearMisses(declaration.routes, path, asked)}\n` };
  const [, ...others] = matching;
  const lines = [
    `${question.method} ${question.target} takes the route ${match.route.name}`,
    `  service   ${match.route.service?.name ?? '-'}: ${serviceUrl(match.route)}`,
    `  is asked  ${question.method} ${match.upstreamPath}${query}`,
    `  because   ${reason(match.route, match.prefix, matching[0])}`,
    ...captured(match.captures),
    ...others.map(
      (other) => `  before    ${other.route.name}, which matches too: ${difference(matching[0], other)}`,
    ),
  ];
  return { found: true, text: `${lines.join('\n')}\n` };
}

function askedBy({ method, headers }: Question): Asked {
  const distinct = Object.groupBy(headers, ([name]) => name);
  const values = Object.entries(distinct).map(
    ([name, lines]) => [name, (lines ?? []).map(([, value]) => value)] as const,
  );
  const headersDistinct = Object.fromEntries(values);
  return { method, host: headersDistinct['host']?.[0] ?? 'localhost', protocol: 'http', headersDistinct };
}

function matches({ route, paths }: Candidate, path: string, asked: Asked): boolean {
  if (conditionOf(route)?.(asked) === false) return false;
  return (
    paths.length === 0 ||
    paths.some((one) => (one.kind === 'regex' ? one.pattern.test(path) : path.startsWith(one.value)))
  );
}

function reason(route: Route, prefix: string, candidate: Candidate | undefined): string {
  const paths = (candidate?.paths ?? []).map(({ kind, value }) => (kind === 'regex' ? `~${value}` : value));
  const parts = [
    ...(paths.length === 0 ? ['it takes every path'] : [`the path matches ${paths.join(' or ')}`]),
    ...(route.methods === undefined ? [] : ['so does the method']),
    ...(route.hosts.length === 0 ? [] : ['the host']),
    ...(route.headers.size === 0 ? [] : ['the headers']),
    ...(prefix === '' ? [] : [`${prefix} is cut off`]),
  ];
  return parts.join(', ');
}

function captured(captures: Readonly<Record<string, string>>): string[] {
  const named = Object.entries(captures).map(([name, value]) => `${name} = ${value}`);
  return named.length === 0 ? [] : [`  captures  ${named.join(', ')}`];
}

/** In the order of Kong's rules; see compareCandidates. */
function difference(first: Candidate | undefined, { route, paths }: Candidate): string {
  const kind = first?.paths[0]?.kind;
  if (first !== undefined && attributes(first.route) !== attributes(route)) return 'it asks for less';
  if (kind === 'regex' && paths[0]?.kind === 'prefix') return 'an expression goes before a prefix';
  if (kind === 'regex' && first?.route.regexPriority !== route.regexPriority)
    return 'its regex_priority is lower';
  if (kind === 'prefix' && first?.paths[0]?.value.length !== paths[0]?.value.length)
    return 'its prefix is shorter';
  return 'it is less exact, or comes later in the file';
}

const attributes = ({ methods, hosts, headers, paths }: Route) =>
  [methods !== undefined, hosts.length > 0, headers.size > 0, paths.length > 0].filter(Boolean).length;

function nearMisses(routes: readonly Route[], path: string, asked: Asked): string {
  const near = candidatesOf(routes).filter(
    (candidate) =>
      candidate.paths.length > 0 &&
      matches(
        { ...candidate, route: { ...candidate.route, methods: undefined, hosts: [], headers: new Map() } },
        path,
        asked,
      ),
  );
  if (near.length === 0) return `nothing matches the path ${path}.`;
  return `the path matches ${near.map(({ route }) => route.name).join(', ')}, but not the method, the host or the headers.`;
}
