import { z } from 'zod';
import { CHECK_STATUSES, PROBE_METHODS } from '../../domain/check.ts';
import { plainUrl } from '../registrations.schemas.ts';
import { elsewhere, line, looseBody } from './body.schemas.ts';
import { bodyDuration } from './durations.ts';

const MOST_HEADERS = 32;

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,128}$/, 'must be the name of a header');
const headerValue = z
  .string()
  .max(1_024)
  .regex(/^[\t\x20-\x7e]*$/, 'must be the value of a header');

/** Consul takes lists of values; the npm package's own types let a value stand alone. */
const headers = z
  .record(headerName, z.union([headerValue.transform((one) => [one]), z.array(headerValue).max(8)]))
  .refine((all) => Object.keys(all).length <= MOST_HEADERS, `must be ${MOST_HEADERS} at most`);

const count = z.int().min(0).max(100).optional();

const fields = {
  CheckID: line(256).optional(),
  ID: line(256).optional(),
  Name: line(256).optional(),
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
  /** A probe follows no redirect, asked or not. */
  DisableRedirects: z.boolean().optional(),
  OutputMaxSize: z.int().optional(),
  FailuresBeforeWarning: elsewhere,
  Body: elsewhere,
  TLSSkipVerify: elsewhere,
  TLSServerName: elsewhere,
  Args: elsewhere,
  ScriptArgs: elsewhere,
  Script: elsewhere,
  Shell: elsewhere,
  DockerContainerID: elsewhere,
  TCP: elsewhere,
  TCPUseTLS: elsewhere,
  UDP: elsewhere,
  GRPC: elsewhere,
  GRPCUseTLS: elsewhere,
  H2PING: elsewhere,
  H2PingUseTLS: elsewhere,
  OSService: elsewhere,
  AliasNode: elsewhere,
  AliasService: elsewhere,
};

/** The check of a service that is registered. */
export const checkDefinition = looseBody(fields).superRefine(refuseWrongTimes);

/** A check that is registered by itself, for a service that is registered already. */
export const checkRegistration = looseBody({
  ...fields,
  Name: line(256).min(1, 'is required'),
  ServiceID: line(256).min(1, 'is required: there are no checks of nodes here'),
})
  .superRefine(refuseWrongTimes)
  .meta({ id: 'ConsulCheckRegistration' });

export type ConsulCheckDefinition = z.output<typeof checkDefinition>;

interface Times {
  readonly TTL?: number | undefined;
  readonly HTTP?: string | undefined;
  readonly Interval?: number | undefined;
}

function refuseWrongTimes({ TTL = 0, HTTP = '', Interval = 0 }: Times, context: z.RefinementCtx): void {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (TTL > 0 && (Interval > 0 || HTTP !== '')) refuse('TTL', 'must not be there beside HTTP and Interval');
  else if (HTTP !== '' && Interval === 0) refuse('Interval', 'must be more than 0 for HTTP checks');
  else if (HTTP === '' && TTL === 0) refuse('TTL', 'must be more than 0, where there is no HTTP');
}
