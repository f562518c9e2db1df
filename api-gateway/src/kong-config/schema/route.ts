import { z } from 'zod';
import { routePath } from './path.ts';
import { compileSafeRegex } from './safe-regex.ts';
import { plugin } from './plugin.ts';
import { unsupportedField } from '../../plugins/api/schema-fields.ts';
import { commonFields, name, fixedField, reference } from './common.ts';

const NO_TLS = 'this gateway does not end TLS: what does so in front of it chooses by these';

/** `a.test`, `*.a.test`, `a.*`, each with a port or without. */
const host = z
  .string()
  .regex(
    /^(?:\*\.)?[\w.-]*\w(?:\.\*)?(?::\d{1,5})?$|^\[[\da-f:.]+\](?::\d{1,5})?$/i,
    'must be a host, *.HOST or HOST.*',
  )
  .refine((value) => value.split('*').length <= 2, 'must have one * at most')
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
  z.array(headerValue).min(1, 'must have one value at least'),
);

const protocol = z.enum(['http', 'https'], 'must be http or https: this gateway carries nothing else');

const fields = z.strictObject({
  ...commonFields,
  name: name.optional(),
  paths: z.array(routePath).min(1, 'must have one path at least').optional(),
  methods: z
    .array(z.string().regex(/^[A-Z]+$/, 'must be a method in capitals'))
    .min(1, 'must have one method at least')
    .optional(),
  hosts: z.array(host).min(1, 'must have one host at least').optional(),
  headers: headers.optional(),
  protocols: z.array(protocol).min(1, 'must have one protocol at least').default(['http', 'https']),
  https_redirect_status_code: z.literal([426, 301, 302, 307, 308]).default(426),
  strip_path: z.boolean().default(true),
  preserve_host: z.boolean().default(false),
  regex_priority: z.int().default(0),
  path_handling: fixedField('v0', 'must be v0: Kong has taken v1 out of its own router as well'),
  // Bodies pass as they come, whatever is said: nobody can tell the difference but by the memory.
  request_buffering: z.boolean().optional(),
  response_buffering: z.boolean().optional(),
  snis: unsupportedField(NO_TLS),
  sources: unsupportedField('is for streams of TCP, which this gateway does not carry'),
  destinations: unsupportedField('is for streams of TCP, which this gateway does not carry'),
  expression: unsupportedField(
    'is of Kong’s other router: this one goes by paths, methods, hosts and headers',
  ),
  priority: unsupportedField('is of Kong’s other router: this one has regex_priority'),
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

/** A route inside its service. */
export const nestedRoute = fields.superRefine(requireMatcher);

/** A route beside the services. */
export const route = fields.extend({ service: reference.optional() }).superRefine(requireMatcher);

export type KongRoute = z.output<typeof nestedRoute>;
