import { parsePemKey } from '@plaza/access-tokens';
import { z } from 'zod';
import { plugin } from './plugin.ts';
import { unsupportedField } from '../../plugins/api/schema-fields.ts';
import { commonFields, fixedField, reference } from './common.ts';

const unsupportedPlugin = (kind: string) =>
  unsupportedField(`${kind} is not among this gateway’s plugins: jwt and key-auth are`);

const keyauthCredential = z.strictObject({
  ...commonFields,
  key: z.string().min(1, 'must not be empty'),
  ttl: unsupportedField('a credential holds as long as it stands in the file'),
});

const jwtSecret = z
  .strictObject({
    ...commonFields,
    key: z.string().min(1, 'must not be empty'),
    algorithm: z.enum(['RS256', 'EdDSA'], {
      error:
        'must be RS256 or EdDSA: this gateway supports no other algorithm, not even HS256, Kong’s default',
    }),
    rsa_public_key: z.string().optional(),
    secret: z.string().optional(),
  })
  .superRefine(({ rsa_public_key: key, algorithm }, context) => {
    const report = (message: string) =>
      context.addIssue({ code: 'custom', path: ['rsa_public_key'], message });
    if (key === undefined) report('is required: the public key, in PEM');
    else if (parsePemKey(key, algorithm) === undefined)
      report(`is no public key for ${algorithm}: RSA of 2048 bits or more, or Ed25519, in PEM`);
  });

const acl = z.strictObject({ ...commonFields, group: z.string().min(1, 'must not be empty') });

export const consumer = z
  .strictObject({
    ...commonFields,
    username: z.string().min(1, 'must not be empty').optional(),
    custom_id: z.string().min(1, 'must not be empty').optional(),
    keyauth_credentials: z.array(keyauthCredential).default([]),
    jwt_secrets: z.array(jwtSecret).default([]),
    acls: z.array(acl).default([]),
    plugins: z.array(plugin).default([]),
    type: fixedField(0, 'must be 0: the types for administrators and developers are not supported'),
    groups: unsupportedField('consumers have acls here, and no groups of their own'),
    basicauth_credentials: unsupportedPlugin('basic-auth'),
    hmacauth_credentials: unsupportedPlugin('hmac-auth'),
    oauth2_credentials: unsupportedPlugin('oauth2'),
    mtls_auth_credentials: unsupportedPlugin('mtls-auth'),
  })
  .superRefine(({ username, custom_id }, context) => {
    if ((username ?? custom_id) === undefined)
      context.addIssue({ code: 'custom', message: 'must have a username or a custom_id' });
  });

/** Credentials at the top level, with a reference to their consumer. */
export const topLevelCredentials = {
  keyauth_credentials: z.array(keyauthCredential.extend({ consumer: reference })).default([]),
  jwt_secrets: z.array(jwtSecret.safeExtend({ consumer: reference })).default([]),
  acls: z.array(acl.extend({ consumer: reference })).default([]),
};

export type KongConsumer = z.output<typeof consumer>;
