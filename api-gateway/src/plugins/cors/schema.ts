import { z } from 'zod';

const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'] as const;

/** Kong's rule: a text of these characters is an origin or a host, any other a regular expression. */
export const LITERAL = /^[\w.:/-]+$/;

const origin = z.string().superRefine((text, context) => {
  if (text === '*') return;
  if (!LITERAL.test(text)) {
    if (compileRegex(text) === undefined) context.addIssue(`"${text}" is no regular expression`);
  } else if (text.includes('://') && URL.parse(text)?.origin !== text) {
    context.addIssue(`"${text}" is no origin: write https://shop.example, without a path`);
  }
});

/** A list, or a text with commas between the values, for environment variables. */
export const corsOrigins = z
  .union([z.array(z.string()), z.string().transform((list) => list.split(',').map((part) => part.trim()))])
  .pipe(z.array(origin));

export const schema = z.strictObject({
  origins: corsOrigins
    .prefault(['*'])
    .describe('Allowed origins: *, origins, hosts, regular expressions; or one text with commas'),
  methods: z.array(z.enum(METHODS)).default([...METHODS]),
  headers: z
    .array(z.string())
    .optional()
    .describe('Headers that a page may send; by default those it asks for'),
  exposed_headers: z.array(z.string()).optional().describe('Headers that a page may read'),
  max_age: z.int().min(0).optional().describe('Seconds that a browser may cache the preflight response'),
  credentials: z.boolean().default(false),
  private_network: z.boolean().default(false),
  preflight_continue: z.boolean().default(false).describe('Whether the service answers preflights'),
  allow_origin_absent: z.boolean().default(true),
});

function compileRegex(source: string): RegExp | undefined {
  try {
    return new RegExp(source);
  } catch {
    return undefined;
  }
}

export type CorsConfig = z.output<typeof schema>;
