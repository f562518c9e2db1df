import { Forbidden } from '@plaza/errors';
import {
  createBodyReader,
  route,
  type ErrorFormat,
  type RouteInput,
  type InputSchemas,
  type HttpRoute,
  type HttpRouteOptions,
} from '@plaza/service-kit';
import { z } from 'zod';
import { NothingKnown, RegistryDraining } from '../../domain/registry.errors.ts';

/** Consul words its errors as a line of text. */
export const consulErrorFormat: ErrorFormat = {
  contentType: 'text/plain',
  schema: z.string(),
  serialize: ({ message }) => message,
};

/** What all routes of this protocol have in common. */
export const consulRouteDefaults = { tag: 'Consul', errorFormat: consulErrorFormat } as const;

/** What all lists have in common: anybody may read them, and wait for them to change. */
export const listRouteDefaults = {
  ...consulRouteDefaults,
  method: 'get',
  auth: 'none',
  errors: [NothingKnown, RegistryDraining],
} as const;

/** A write: what is not the same for all of them. It is answered without a body. */
export interface WriteRouteSpec<Input extends InputSchemas> extends Required<
  Pick<HttpRouteOptions<Input>, 'path' | 'summary' | 'input' | 'errors'>
> {
  readonly run: (handled: RouteInput<Input>) => Promise<void>;
}

export type WriteRouteFactory = ReturnType<typeof createWriteRouteFactory>;

/** Declares writes. Consul asks of no body what it says it is, and `curl --data` says it is a form. */
export function createWriteRouteFactory(authenticate: NonNullable<HttpRoute['authenticate']>) {
  const bodyReader = createBodyReader({ assumeJson: true });
  return <const Input extends InputSchemas>({ run, errors, ...spec }: WriteRouteSpec<Input>): HttpRoute =>
    route<Input>({
      ...consulRouteDefaults,
      ...spec,
      method: 'put',
      auth: 'required',
      authenticate,
      bodyReader,
      responses: { 200: null },
      errors: [Forbidden, ...errors],
      handle: async (handled) => {
        await run(handled);
        return { status: 200 };
      },
    });
}
