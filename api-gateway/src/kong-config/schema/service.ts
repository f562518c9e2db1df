import { z } from 'zod';
import { nestedRoute } from './route.ts';
import { servicePath } from './path.ts';
import { plugin } from './plugin.ts';
import { unsupportedField } from '../../plugins/api/schema-fields.ts';
import { commonFields, host, HOST, milliseconds, name, fixedField, port } from './common.ts';

const OWN_TRUST =
  'instances are trusted by the authorities that Node trusts (NODE_EXTRA_CA_CERTS adds to them)';

const url = z.string().superRefine((value, context) => {
  const parsed = URL.parse(value);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    context.addIssue({ code: 'custom', message: 'must be a URL of http or https' });
  else if (!HOST.test(parsed.hostname))
    context.addIssue({ code: 'custom', message: 'must have a host of letters, digits, . - and _' });
  else if (parsed.username !== '' || parsed.search !== '' || parsed.hash !== '')
    context.addIssue({ code: 'custom', message: 'must have a protocol, host, port and path only' });
});

const MAX_RETRIES = 32_767;

export const service = z
  .strictObject({
    ...commonFields,
    name: name.optional(),
    url: url.optional(),
    protocol: z
      .enum(['http', 'https'], 'must be http or https: this gateway supports no other protocol')
      .optional(),
    host: host.optional(),
    port: port.optional(),
    path: servicePath.optional(),
    connect_timeout: milliseconds.optional(),
    read_timeout: milliseconds.optional(),
    write_timeout: milliseconds.optional(),
    retries: z.int().min(0).max(MAX_RETRIES).default(1),
    enabled: z.boolean().default(true),
    client_certificate: unsupportedField('this gateway shows no certificate of its own'),
    ca_certificates: unsupportedField(OWN_TRUST),
    tls_verify: fixedField(true, 'must be true: an instance without a valid certificate gets no requests'),
    tls_verify_depth: unsupportedField(OWN_TRUST),
    tls_sans: unsupportedField(OWN_TRUST),
    routes: z.array(nestedRoute).default([]),
    plugins: z.array(plugin).default([]),
  })
  .superRefine((value, context) => {
    const apart = (['protocol', 'host', 'port', 'path'] as const).filter((key) => value[key] !== undefined);
    if (value.url === undefined && value.host === undefined)
      context.addIssue({ code: 'custom', message: 'must have a url or a host' });
    if (value.url !== undefined && apart.length > 0)
      context.addIssue({ code: 'custom', path: [apart[0] ?? ''], message: 'is part of the url already' });
  });

export type KongService = z.output<typeof service>;
