import type { ErrorFormat } from '@plaza/service-kit';
import { z } from 'zod';
import { INSTANCE_STATES } from '../domain/instance.ts';

export const serviceName = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, 'must be 1 to 63 letters, digits, dots, dashes or underscores, with a letter or digit at both ends'); // prettier-ignore

export const instanceId = z
  .string()
  .regex(/^[\w.:@~-]{1,128}$/, 'must be 1 to 128 letters, digits or any of . : @ ~ _ -');

/** @param what the name in the error message. */
export const plainUrl = (what: string) =>
  z
    .string()
    .max(2_048)
    .refine(
      (text) => isPlainUrl(text),
      `must be ${what}: http:// or https://, without credentials or a fragment`,
    );

const serviceUrl = plainUrl('the URL where the service answers')
  .refine((text) => !text.includes('?'), 'must not have a query')
  .transform((text) => text.replace(/\/+$/, ''));

/** Consul's limits for `Meta`, in which the registry itself uses `url` and `version`. */
const metadata = z
  .record(z.string().regex(/^[\w-]{1,128}$/, 'must be letters, digits, _ or -'), z.string().max(512))
  .refine((entries) => Object.keys(entries).length <= 64, 'must have 64 entries at most')
  .refine((entries) => !('url' in entries || 'version' in entries), 'must not have "url" or "version"');

const tags = z
  .array(
    z.string().regex(/^[^\p{Cc}]{1,128}$/u, 'must be 1 to 128 characters, none of them a control character'),
  )
  .max(64);

const instanceFields = {
  instanceId: instanceId.optional().meta({ description: 'Default: derived from the address' }),
  incarnation: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'Start of the process, in ms: of two processes the later one wins' }),
};

const optionalFields = {
  healthCheckUrl: plainUrl('the URL of a health check').optional(),
  version: z.string().max(64).optional(),
  weight: z.int().min(1).max(65_535).optional().meta({ description: 'Share of the traffic, default 1' }),
  tags: tags.optional(),
  metadata: metadata.optional(),
  ttlMs: z
    .int()
    .min(1_000)
    .max(86_400_000)
    .optional()
    .meta({ description: 'Time without a heartbeat after which it expires' }),
};

const state = z
  .enum(INSTANCE_STATES)
  .optional()
  .meta({ description: 'Default up; only up is listed as passing' });

export const registrationBody = z
  .strictObject({ serviceName, serviceUrl, ...instanceFields, ...optionalFields, state })
  .meta({ id: 'Registration' });

export type RegistrationBody = z.output<typeof registrationBody>;

/** Identifies an instance if a service has several. With id and URL it is a whole registration. */
export const heartbeatBody = z
  .strictObject({
    serviceName: serviceName.optional(),
    serviceUrl: serviceUrl.optional(),
    ...instanceFields,
    ...optionalFields,
    state,
  })
  .superRefine((body, context) => {
    if (body.instanceId !== undefined && body.serviceUrl !== undefined) return;
    for (const path of Object.keys(optionalFields).filter((name) => Object.hasOwn(body, name))) {
      context.addIssue({
        code: 'custom',
        path: [path],
        message: 'needs instanceId and serviceUrl beside it',
      });
    }
  })
  .default({});

export const instanceQuery = z.strictObject({
  instanceId: instanceId.optional(),
  serviceUrl: serviceUrl.optional(),
  incarnation: z.coerce.number().int().min(0).optional(),
});

export const serviceNameParams = z.strictObject({ serviceName });

const milliseconds = z.int().meta({ description: 'Milliseconds since 1970' });

export const successResponse = z.object({ success: z.literal(true) });
export const messageResponse = z.object({ success: z.literal(true), message: z.string() });

export const servicesResponse = z.object({
  success: z.literal(true),
  services: z.array(
    z
      .object({
        name: z.string(),
        url: z.string(),
        healthCheckUrl: z.string().optional(),
        registeredAt: milliseconds,
        lastHeartbeat: milliseconds,
        instanceId: z.string(),
        version: z.string(),
        weight: z.int(),
        state: z.enum(INSTANCE_STATES),
        tags: z.array(z.string()),
        metadata: z.record(z.string(), z.string()),
      })
      .meta({ id: 'RegisteredInstance' }),
  ),
});

/** The courses' format of errors. */
export const courseErrorFormat: ErrorFormat = {
  contentType: 'application/json',
  schema: z.object({
    success: z.literal(false),
    error: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
  serialize: ({ message, errors }) => JSON.stringify({ success: false, error: message, errors }),
};

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text)) return false;
  return url.username === '' && url.password === '' && !text.includes('#') && url.hostname !== '';
}
