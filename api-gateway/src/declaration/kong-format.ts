import { z } from 'zod';
import { normalisePath } from '../routing/request-target.ts';

/** Kong's rule for names. */
const name = z.string().regex(/^[\w.~-]+$/, 'must be of letters, digits and . - _ ~');

const tags = z.array(z.string()).default([]);

const path = z.string().superRefine((value, context) => {
  const mistake = mistakeInPath(value);
  if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
});

function mistakeInPath(value: string): string | undefined {
  if (value.startsWith('~')) return 'is a regular expression: only prefixes are supported';
  if (!value.startsWith('/')) return 'must begin with /';
  try {
    const normalised = normalisePath(value);
    return normalised === value ? undefined : `must be written ${normalised}`;
  } catch (error) {
    return `would never match: ${Error.isError(error) ? error.message : String(error)}`;
  }
}

const route = z.strictObject({
  name,
  paths: z.array(path).min(1, 'must have one path at least'),
  strip_path: z.boolean().default(true),
  tags,
});

const url = z.string().superRefine((value, context) => {
  const parsed = URL.parse(value);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    context.addIssue({ code: 'custom', message: 'must be a URL of http or https' });
  else if (parsed.username !== '' || parsed.search !== '' || parsed.hash !== '')
    context.addIssue({ code: 'custom', message: 'must be a protocol, a host, a port and a path: no more' });
});

const service = z
  .strictObject({
    name,
    url: url.optional(),
    protocol: z.enum(['http', 'https']).optional(),
    host: z
      .string()
      .regex(/^[\w.-]+$|^\[[\da-f:.]+\]$/i, 'must be a host')
      .optional(),
    port: z.int().min(1).max(65_535).optional(),
    path: path.optional(),
    tags,
    routes: z.array(route).default([]),
  })
  .superRefine((value, context) => {
    const apart = (['protocol', 'host', 'port', 'path'] as const).filter((key) => value[key] !== undefined);
    if (value.url === undefined && value.host === undefined)
      context.addIssue({ code: 'custom', message: 'must have a url or a host' });
    if (value.url !== undefined && apart.length > 0)
      context.addIssue({ code: 'custom', path: [apart[0] ?? ''], message: 'stands in the url already' });
  });

/** The part of Kong's format 3.0 that is supported. Whatever else stands in a file is refused, never ignored. */
export const kongFormat = z.strictObject({
  _format_version: z.literal('3.0', 'must be "3.0", in quotes'),
  services: z.array(service).default([]),
  routes: z.array(route.extend({ service: z.string() })).default([]),
});

export type KongFormat = z.output<typeof kongFormat>;
export type KongService = KongFormat['services'][number];
export type KongRoute = KongService['routes'][number];
