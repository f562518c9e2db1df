import { z } from 'zod';
import { headerName, fixedValue, realm } from '../api/schema-fields.ts';

const httpUrl = z
  .string()
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be a URL of http or https');

const issuerSchema = z.strictObject({
  issuer: z.string().min(1).describe('The `iss` of its tokens'),
  audience: z.string().min(1).describe('The `aud` of its tokens'),
  jwks_uri: httpUrl.describe('Its public keys (RFC 7517); a host without a port is a name in the registry'),
  revocations_uri: httpUrl
    .optional()
    .describe('Its list of ended sessions, polled every 2 s with the gateway’s service token'),
});

export type Issuer = z.output<typeof issuerSchema>;

export const schema = z
  .strictObject({
    header_names: z.array(headerName).prefault(['authorization']).describe('Headers with “Bearer TOKEN”'),
    cookie_names: z.array(z.string().min(1)).default([]),
    uri_param_names: z.array(z.string().min(1)).default(['jwt']),
    key_claim_name: z.string().min(1).default('iss').describe('The claim that names one of the jwt_secrets'),
    secret_is_base64: fixedValue(
      false,
      'must be false: RS256 and EdDSA use public keys and no shared secret',
    ),
    claims_to_verify: z
      .array(z.enum(['exp', 'nbf']))
      .default([])
      .describe('For consumers’ tokens; for issuers’ tokens both are always verified'),
    maximum_expiration: z
      .number()
      .min(0)
      .max(31_536_000)
      .default(0)
      .describe('Maximum remaining lifetime of a token in seconds; 0 for any'),
    anonymous: z
      .string()
      .optional()
      .describe('Username or id of the consumer for requests without a valid token'),
    run_on_preflight: z.boolean().default(true),
    realm,
    issuers: z.array(issuerSchema).default([]).describe('Plaza’s own: issuers of users’ tokens'),
    token_required: z
      .boolean()
      .default(true)
      .describe('Plaza’s own: false lets requests without a token pass as anonymous'),
  })
  .refine(
    ({ maximum_expiration, claims_to_verify }) =>
      maximum_expiration === 0 || claims_to_verify.includes('exp'),
    { path: ['claims_to_verify'], error: 'must have exp if maximum_expiration is set' },
  );

export type JwtConfig = z.output<typeof schema>;
