import { Forbidden } from '@plaza/errors';
import {
  createBodyReader,
  route,
  type ErrorFormat,
  type Handled,
  type InputSchemas,
  type Route,
  type RouteSpec,
} from '@plaza/service-kit';
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

/** A write: what is not the same for all of them. It is answered without a body. */
export interface WriteSpec<Input extends InputSchemas> extends Required<
  Pick<RouteSpec<Input>, 'path' | 'summary' | 'input' | 'errors'>
> {
  readonly run: (handled: Handled<Input>) => Promise<void>;
}

export type Writes = ReturnType<typeof writes>;

/** Declares writes. Consul asks of no body what it says it is, and `curl --data` says it is a form. */
export function writes(authenticate: NonNullable<Route['authenticate']>) {
  const reads = createBodyReader({ assumeJson: true });
  return <const Input extends InputSchemas>({ run, errors, ...spec }: WriteSpec<Input>): Route =>
    route<Input>({
      ...consul,
      ...spec,
      method: 'put',
      auth: 'required',
      authenticate,
      reads,
      answers: { 200: null },
      errors: [Forbidden, ...errors],
      handle: async (handled) => {
        await run(handled);
        return { status: 200 };
      },
    });
}
