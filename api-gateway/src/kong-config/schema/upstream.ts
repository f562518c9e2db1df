import { z } from 'zod';
import { healthchecks } from './healthchecks.ts';
import { target } from './target.ts';
import { unsupportedField } from '../../plugins/api/schema-fields.ts';
import { commonFields, fixedField } from './common.ts';

const HASH_ON = ['none', 'consumer', 'ip', 'header', 'cookie', 'path', 'query_arg', 'uri_capture'] as const;

/** The hash inputs, with the field that names each. */
const NAMED_HASH_INPUTS = {
  header: 'header',
  cookie: 'cookie',
  query_arg: 'query_arg',
  uri_capture: 'uri_capture',
} as const;

const algorithm = z
  .enum(
    ['round-robin', 'least-connections', 'consistent-hashing'],
    'must be round-robin, least-connections or consistent-hashing: this gateway does not measure latencies',
  )
  .default('round-robin');

const text = z.string().min(1, 'must not be empty').optional();

export const upstream = z
  .strictObject({
    ...commonFields,
    name: z.string().regex(/^(?!\d+(?:\.\d+){3}$)[\w.-]+$/, 'must be a host name, without a port'),
    algorithm,
    hash_on: z.enum(HASH_ON).default('none'),
    hash_fallback: z.enum(HASH_ON).default('none'),
    hash_on_header: text,
    hash_fallback_header: text,
    hash_on_cookie: text,
    hash_on_cookie_path: z.string().startsWith('/', 'must begin with /').default('/'),
    hash_on_query_arg: text,
    hash_fallback_query_arg: text,
    hash_on_uri_capture: text,
    hash_fallback_uri_capture: text,
    slots: z.int().min(10).max(65_536).optional(),
    host_header: z
      .string()
      .regex(/^[\w.:-]+$/, 'must be a host')
      .optional(),
    healthchecks: healthchecks.optional(),
    use_srv_name: fixedField(
      false,
      'must be false: the gateway resolves names by the registry, and DNS names to addresses only',
    ),
    client_certificate: unsupportedField('this gateway shows no certificate of its own'),
    sticky_sessions_cookie: unsupportedField('hash_on: cookie keeps a client with its target'),
    sticky_sessions_cookie_path: unsupportedField('hash_on: cookie keeps a client with its target'),
    targets: z.array(target).default([]),
    concurrency: z
      .strictObject({ limit: z.int().min(1).max(1_000_000), queue: z.int().min(0).max(1_000_000).default(0) })
      .optional(),
  })
  .superRefine((value, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { hash_on: on, hash_fallback: fallback } = value;
    if (on !== 'none' && on in NAMED_HASH_INPUTS && hashFieldValue(value, 'hash_on') === undefined)
      issue(`hash_on_${on}`, `is required: hash_on is ${on}`);
    if (
      fallback !== 'none' &&
      fallback !== 'cookie' &&
      fallback in NAMED_HASH_INPUTS &&
      hashFieldValue(value, 'hash_fallback') === undefined
    )
      issue(`hash_fallback_${fallback}`, `is required: hash_fallback is ${fallback}`);
    if (fallback === 'cookie' && value.hash_on_cookie === undefined)
      issue('hash_on_cookie', 'is required: hash_fallback is cookie');
    if ((on === 'none' || on === 'cookie') && fallback !== 'none')
      issue('hash_fallback', `must be none: hash_on is ${on}`);
    if (
      on !== 'none' &&
      on === fallback &&
      hashFieldValue(value, 'hash_on') === hashFieldValue(value, 'hash_fallback')
    )
      issue('hash_fallback', 'must differ from hash_on');
    if (value.slots !== undefined && value.slots !== DEFAULT_SLOTS)
      issue('slots', `must be ${DEFAULT_SLOTS}: the hash ring has as many slots as it needs`);
  });

const DEFAULT_SLOTS = 10_000;

export type KongUpstream = z.output<typeof upstream>;

/** The name of the hashed header, cookie, argument or capture; undefined for other inputs. */
export function hashFieldValue(
  value: Omit<KongUpstream, 'targets' | 'healthchecks'>,
  which: 'hash_on' | 'hash_fallback',
): string | undefined {
  switch (value[which]) {
    case 'header':
      return value[`${which}_header`];
    case 'cookie':
      return value.hash_on_cookie;
    case 'query_arg':
      return value[`${which}_query_arg`];
    case 'uri_capture':
      return value[`${which}_uri_capture`];
    default:
      return undefined;
  }
}
