import { z } from 'zod';
import { headerName, fixedValue, realm } from '../api/schema-fields.ts';

const httpUrl = z
  .string()
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be a URL of http or https');

const issuerSchema = z.strictObject({
  issuer: z.string().min(1).describe('What its tokens say in `iss`'),
  audience: z.string().min(1).describe('What its tokens say in `aud`'),
  jwks_uri: httpUrl.describe('Its public keys (RFC 7517); a host without a port is a name in the registry'),
  revocations_uri: httpUrl
    .optional()
    .describe('Where it tells which logins have ended; asked every 2 s with a token of the gateway’s own'),
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
      'must be false: no secrets are shared here, RS256 and EdDSA have public keys',
    ),
    claims_to_verify: z
      .array(z.enum(['exp', 'nbf']))
      .default([])
      .describe('Of consumers’ tokens; of issuers’ tokens both always are'),
    maximum_expiration: z
      .number()
      .min(0)
      .max(31_536_000)
      .default(0)
      .describe('Seconds that a token may have to live; 0 for any'),
    anonymous: z
      .string()
      .optional()
      .describe('The username or the id of the consumer that everybody without a token is'),
    run_on_preflight: z.boolean().default(true),
    realm,
    issuers: z
      .array(issuerSchema)
      .default([])
      .describe('Plaza’s own: who signs tokens for users, besides consumers'),
    token_required: z
      .boolean()
      .default(true)
      .describe('Plaza’s own: false lets requests without a token through, as nobody’s'),
  })
  .refine(
    ({ maximum_expiration, claims_to_verify }) =>
      maximum_expiration === 0 || claims_to_verify.includes('exp'),
    { path: ['claims_to_verify'], error: 'must have exp where there is a maximum_expiration' },
  );

export type JwtConfig = z.output<typeof schema>;
