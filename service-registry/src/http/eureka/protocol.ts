import { Unauthorized } from '@plaza/errors';
import { createBodyReader, type ErrorFormat, type Route } from '@plaza/service-kit';
import { z } from 'zod';
import { NothingKnown } from '../../domain/registry.errors.ts';
import { TYPES } from './representation.ts';

const eurekaErrors: ErrorFormat = {
  contentType: 'text/plain',
  schema: z.string(),
  text: ({ message }) => message,
  challenge: 'Basic realm="service-registry"',
};

/** Where clients look for it: Netflix' under /eureka/v2, Spring's under /eureka. */
export const BASES = ['/eureka', '/eureka/v2'] as const;

/** What all routes of this protocol have in common. */
const eureka = { tag: 'Eureka', errorFormat: eurekaErrors } as const;

/** What all lists have in common. */
export const reading = {
  ...eureka,
  method: 'get',
  auth: 'none',
  errors: [NothingKnown],
  writes: TYPES,
} as const;

/** What all writes have in common. */
export function writing(authenticate: NonNullable<Route['authenticate']>) {
  return {
    ...eureka,
    auth: 'required',
    authenticate,
    errors: [Unauthorized],
    reads: createBodyReader({ text: ['application/xml', 'text/xml'] }),
  } as const;
}

export type Writing = ReturnType<typeof writing>;
