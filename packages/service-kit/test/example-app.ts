import { Conflict } from '@plaza/errors';
import {
  baseConfig,
  createChassis,
  createHttpApp,
  readConfig,
  requireUser,
  route,
  type HttpAppOptions,
} from '@plaza/service-kit';
import { z } from 'zod';
import { recordingLogger } from '@plaza/service-kit/testing';

class NameTaken extends Conflict {
  static override readonly code = 'name_taken';
  static override readonly title = 'Name taken';
}

const thing = z.object({ id: z.string(), name: z.string() }).meta({ id: 'Thing' });

const createThing = route({
  method: 'post',
  path: '/things',
  summary: 'Make a thing',
  tag: 'things',
  auth: 'none',
  input: {
    body: z.strictObject({ name: z.string().min(2), size: z.strictObject({ height: z.int() }).optional() }),
  },
  responses: { 201: thing },
  errors: [NameTaken],
  handle: ({ body }) => {
    if (body.name === 'taken')
      throw new NameTaken('"taken" is taken', { fields: [{ path: 'name', message: 'is taken' }] });
    return { status: 201, body: { id: '1', name: body.name }, headers: { Location: '/things/1' } };
  },
});

const getThing = route({
  method: 'get',
  path: '/things/:id',
  summary: 'Get a thing',
  tag: 'things',
  auth: 'none',
  input: {
    params: z.strictObject({ id: z.string() }),
    query: z.strictObject({ limit: z.coerce.number().int().optional() }),
  },
  responses: { 200: thing },
  handle: ({ params }) => {
    if (params.id === 'broken') throw new Error('a secret of the inside');
    if (params.id === 'away') throw new Error('storage: gone');
    return { status: 200, body: params.id === 'lying' ? { id: 1 } : { id: params.id, name: 'x' } };
  },
});

const deleteThing = route({
  method: 'delete',
  path: '/things/:id',
  summary: 'Delete a thing',
  tag: 'things',
  auth: 'none',
  responses: { 204: null },
  handle: () => ({ status: 204 }),
});

const whoAmI = route({
  method: 'get',
  path: '/me',
  summary: 'Who is asking',
  tag: 'me',
  auth: 'required',
  responses: { 200: z.object({ userId: z.string() }) },
  handle: ({ caller }) => ({ status: 200, body: { userId: requireUser(caller).userId } }),
});

const whoMayBe = route({
  method: 'get',
  path: '/anyone',
  summary: 'The caller, if signed in',
  tag: 'me',
  auth: 'optional',
  responses: { 200: z.object({ kind: z.string() }) },
  handle: ({ caller }) => ({ status: 200, body: { kind: caller.kind } }),
});

/** An app with a route of each kind, and the lines that it logs. */
export function exampleApp({
  environment = {},
  ...http
}: Partial<Pick<HttpAppOptions, 'authenticate' | 'middleware' | 'routes'>> & {
  environment?: Record<string, string>;
} = {}) {
  const config = readConfig(z.object(baseConfig(0, 'example')), {
    NODE_ENV: 'test',
    DRAIN_MS: '0',
    ...environment,
  });
  const { logger, lines } = recordingLogger();
  const chassis = createChassis(config, logger);
  const app = createHttpApp({
    service: chassis,
    routes: [createThing, getThing, deleteThing, whoAmI, whoMayBe],
    dependencyErrors: {
      'The storage': (error) => Error.isError(error) && error.message.startsWith('storage:'),
    },
    ...http,
  });
  return { app, chassis, lines };
}
