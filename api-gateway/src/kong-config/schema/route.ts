import { z } from 'zod';
import { routePath } from './path.ts';
import { compileSafeRegex } from './safe-regex.ts';
import { plugin } from './plugin.ts';
import { unsupportedField } from '../../plugins/api/schema-fields.ts';
import { commonFields, name, fixedField, reference } from './common.ts';

const NO_TLS = 'this gateway does not end TLS: what does so in front of it chooses by these';

/** `a.test`, `*.a.test` or `a.*`, with or without a port. */
const host = z
  .string()
  .regex(
    /^(?:\*\.)?[\w.-]*\w(?:\.\*)?(?::\d{1,5})?$|^\[[\da-f:.]+\](?::\d{1,5})?$/i,
    'must be a host, *.HOST or HOST.*',
  )
  .refine((value) => value.split('*').length <= 2, 'must have at most one *')
  .transform((value) => value.toLowerCase());

const headerValue = z.string().superRefine((value, context) => {
  if (!value.startsWith('~*')) return;
  const { mistake } = compileSafeRegex(value.slice(2), 'i');
  if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
});

const headers = z.record(
  z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be the name of a header')
    .refine((value) => value.toLowerCase() !== 'host', 'stands in hosts'),
  z.array(headerValue).min(1, 'must have at least one value'),
);

const protocol = z.enum(['http', 'https'], 'must be http or https: this gateway supports no other protocol');

const fields = z.strictObject({
  ...commonFields,
  name: name.optional(),
  paths: z.array(routePath).min(1, 'must have at least one path').optional(),
  methods: z
    .array(z.string().regex(/^[A-Z]+$/, 'must be a method in capitals'))
    .min(1, 'must have at least one method')
    .optional(),
  hosts: z.array(host).min(1, 'must have at least one host').optional(),
  headers: headers.optional(),
  protocols: z.array(protocol).min(1, 'must have at least one protocol').default(['http', 'https']),
  https_redirect_status_code: z.literal([426, 301, 302, 307, 308]).default(426),
  strip_path: z.boolean().default(true),
  preserve_host: z.boolean().default(false),
  regex_priority: z.int().default(0),
  path_handling: fixedField('v0', 'must be v0: Kong has removed v1 from its own router as well'),
  // Bodies are always streamed. The only visible difference is the memory that buffering would take.
  request_buffering: z.boolean().optional(),
  response_buffering: z.boolean().optional(),
  snis: unsupportedField(NO_TLS),
  sources: unsupportedField('is for TCP streams, which this gateway does not support'),
  destinations: unsupportedField('is for TCP streams, which this gateway does not support'),
  expression: unsupportedField(
    'is of Kong’s other router: this one goes by paths, methods, hosts and headers',
  ),
  priority: unsupportedField('belongs to Kong’s expressions router: this one has regex_priority'),
  plugins: z.array(plugin).default([]),
});

type Fields = z.output<typeof fields>;

function requireMatcher(
  { paths, methods, hosts, headers: named }: Fields,
  context: z.core.$RefinementCtx,
): void {
  if ((paths ?? methods ?? hosts) === undefined && Object.keys(named ?? {}).length === 0)
    context.addIssue({ code: 'custom', message: 'must have paths, methods, hosts or headers' });
}

/** A route nested in its service. */
export const nestedRoute = fields.superRefine(requireMatcher);

/** A route at the top level. */
export const route = fields.extend({ service: reference.optional() }).superRefine(requireMatcher);

export type KongRoute = z.output<typeof nestedRoute>;
