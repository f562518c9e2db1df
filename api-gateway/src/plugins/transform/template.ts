import type { RequestContext } from '../api/request-context.ts';

/** The source of a template's value. */
type TemplateSource = 'uri_captures' | 'headers' | 'query_params';

/** Renders a text with values of the request. `encode` is applied to the values, except captures of the path. */
export type Template = (requestContext: RequestContext, encode?: (value: string) => string) => string;

/** `$(uri_captures[1])`, `$(uri_captures["id"])`, `$(headers["x-a"])`, `$(headers.a)`, `$(query_params.a)`. */
const PLACEHOLDER =
  /\$\(\s*(uri_captures|headers|query_params)\s*(?:\.\s*([\w-]+)|\[\s*(?:(\d+)|"([^"]+)"|'([^']+)')\s*\])\s*\)/g;

/** The error of a template; undefined if it is valid. Kong would run any Lua here, this gateway runs none. */
export function validateTemplate(text: string): string | undefined {
  const rest = text.replaceAll(PLACEHOLDER, '');
  if (!rest.includes('$(')) return undefined;
  return 'only $(uri_captures[1]), $(uri_captures["name"]), $(headers["name"]) and $(query_params["name"]) stand in templates';
}

export function compileTemplate(text: string): Template {
  const parts: (string | ((requestContext: RequestContext, encode: (value: string) => string) => string))[] =
    [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, source, plain, index, double, single] = match;
    parts.push(text.slice(end, match.index));
    const name = plain ?? index ?? double ?? single ?? '';
    parts.push(isSource(source) ? createReader(source, name) : whole);
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  if (parts.every((part) => typeof part === 'string')) return () => text;
  return (requestContext, encode = identity) =>
    parts.map((part) => (typeof part === 'string' ? part : part(requestContext, encode))).join('');
}

const identity = (value: string) => value;

function isSource(text: string | undefined): text is TemplateSource {
  return text === 'uri_captures' || text === 'headers' || text === 'query_params';
}

/** A missing value is the empty text. */
function createReader(
  source: TemplateSource,
  name: string,
): (requestContext: RequestContext, encode: (value: string) => string) => string {
  switch (source) {
    case 'uri_captures':
      return ({ captures }) => captures[name] ?? '';
    case 'headers':
      return ({ request }, encode) => encode(request.get(name) ?? '');
    case 'query_params':
      return ({ request }, encode) => {
        const [, query = ''] = request.originalUrl.split('?', 2);
        return encode(new URLSearchParams(query).get(name) ?? '');
      };
  }
}
