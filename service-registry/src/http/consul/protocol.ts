import { Forbidden } from '@plaza/errors';
import { createBodyReader, type ErrorFormat, type Route } from '@plaza/service-kit';
import { z } from 'zod';
import { NothingKnown, RegistryDraining } from '../../domain/registry.errors.ts';

/** Consul words its errors as a line of text. */
export const consulErrors: ErrorFormat = {
  contentType: 'text/plain',
  schema: z.string(),
  text: ({ message }) => message,
};

/** What all routes of this protocol have in common. */
export const consul = { tag: 'Consul', errorFormat: consulErrors } as const;

/** What all lists have in common: anybody may read them, and wait for them to change. */
export const listing = {
  ...consul,
  method: 'get',
  auth: 'none',
  errors: [NothingKnown, RegistryDraining],
} as const;

/** What all writes have in common. Consul asks of no body what it says it is, and `curl --data` says it is a form. */
export function writing(authenticate: NonNullable<Route['authenticate']>) {
  return {
    ...consul,
    auth: 'required',
    authenticate,
    errors: [Forbidden],
    reads: createBodyReader({ assumeJson: true }),
  } as const;
}

export type Writing = ReturnType<typeof writing>;
