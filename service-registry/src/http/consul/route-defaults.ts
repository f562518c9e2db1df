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

/** Consul's errors are a line of text. */
export const consulErrorFormat: ErrorFormat = {
  contentType: 'text/plain',
  schema: z.string(),
  serialize: ({ message }) => message,
};

/** Defaults of all Consul routes. */
export const consulRouteDefaults = { tag: 'Consul', errorFormat: consulErrorFormat } as const;

/** Defaults of all lists: they need no token and support blocking queries. */
export const listRouteDefaults = {
  ...consulRouteDefaults,
  method: 'get',
  auth: 'none',
  errors: [NothingKnown, RegistryDraining],
} as const;

/** The options of a write route. Its response has no body. */
export interface WriteRouteSpec<Input extends InputSchemas> extends Required<
  Pick<HttpRouteOptions<Input>, 'path' | 'summary' | 'input' | 'errors'>
> {
  readonly run: (handled: RouteInput<Input>) => Promise<void>;
}

export type WriteRouteFactory = ReturnType<typeof createWriteRouteFactory>;

/** Makes write routes. Consul ignores the Content-Type of a body, and `curl --data` sends one of a form. */
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
