import { z } from 'zod';
import { CHECK_STATUSES, PROBE_METHODS } from '../../domain/check.ts';
import { plainUrl } from '../registrations.schemas.ts';
import { unsupportedField, singleLineText, caseInsensitiveBody } from './body.schemas.ts';
import { bodyDuration } from './durations.ts';

const MAX_HEADERS = 32;

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,128}$/, 'must be the name of a header');
const headerValue = z
  .string()
  .max(1_024)
  .regex(/^[\t\x20-\x7e]*$/, 'must be the value of a header');

/** Consul expects lists of values; the types of the npm package `consul` allow a single value. */
const headers = z
  .record(headerName, z.union([headerValue.transform((one) => [one]), z.array(headerValue).max(8)]))
  .refine((all) => Object.keys(all).length <= MAX_HEADERS, `must be ${MAX_HEADERS} at most`);

const count = z.int().min(0).max(100).optional();

const fields = {
  CheckID: singleLineText(256).optional(),
  ID: singleLineText(256).optional(),
  Name: singleLineText(256).optional(),
  Notes: z.string().max(1_024).optional(),
  Status: z.enum([...CHECK_STATUSES, ''], 'must be passing, warning or critical').optional(),
  TTL: bodyDuration.optional(),
  HTTP: z.union([z.literal(''), plainUrl('the URL to probe')]).optional(),
  Method: z
    .string()
    .toUpperCase()
    .pipe(z.enum([...PROBE_METHODS, ''], `must be ${PROBE_METHODS.join(', ')}: a probe changes nothing`))
    .optional(),
  Header: headers.optional(),
  Interval: bodyDuration.optional(),
  Timeout: bodyDuration.optional(),
  DeregisterCriticalServiceAfter: bodyDuration.optional(),
  SuccessBeforePassing: count,
  FailuresBeforeCritical: count,
  /** A probe follows no redirect in any case. */
  DisableRedirects: z.boolean().optional(),
  OutputMaxSize: z.int().optional(),
  FailuresBeforeWarning: unsupportedField,
  Body: unsupportedField,
  TLSSkipVerify: unsupportedField,
  TLSServerName: unsupportedField,
  Args: unsupportedField,
  ScriptArgs: unsupportedField,
  Script: unsupportedField,
  Shell: unsupportedField,
  DockerContainerID: unsupportedField,
  TCP: unsupportedField,
  TCPUseTLS: unsupportedField,
  UDP: unsupportedField,
  GRPC: unsupportedField,
  GRPCUseTLS: unsupportedField,
  H2PING: unsupportedField,
  H2PingUseTLS: unsupportedField,
  OSService: unsupportedField,
  AliasNode: unsupportedField,
  AliasService: unsupportedField,
};

/** A check within the registration of a service. */
export const checkDefinition = caseInsensitiveBody(fields).superRefine(validateTimes);

/** A check for a service that is already registered. */
export const checkRegistration = caseInsensitiveBody({
  ...fields,
  Name: singleLineText(256).min(1, 'is required'),
  ServiceID: singleLineText(256).min(1, 'is required: there are no checks of nodes here'),
})
  .superRefine(validateTimes)
  .meta({ id: 'ConsulCheckRegistration' });

export type ConsulCheckDefinition = z.output<typeof checkDefinition>;

interface CheckTimes {
  readonly TTL?: number | undefined;
  readonly HTTP?: string | undefined;
  readonly Interval?: number | undefined;
}

function validateTimes({ TTL = 0, HTTP = '', Interval = 0 }: CheckTimes, context: z.RefinementCtx): void {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (TTL > 0 && (Interval > 0 || HTTP !== '')) refuse('TTL', 'must not be there beside HTTP and Interval');
  else if (HTTP !== '' && Interval === 0) refuse('Interval', 'must be more than 0 for HTTP checks');
  else if (HTTP === '' && TTL === 0) refuse('TTL', 'must be more than 0, where there is no HTTP');
}
