import { z } from 'zod';

/** Requests of a test process to the test server manager, and the responses. */

export const managerUrlVariable = 'PLAZA_TEST_KEEPER';

export const testFileHeader = 'plaza-test-file';

const management = z.object({ url: z.string(), user: z.string(), password: z.string() });

const serverName = z.enum(['redis', 'rabbitmq', 'mongodb']);

const space = z.object({
  url: z.string(),
  vhost: z.string().optional(),
  management: management.optional(),
});

export type TestNamespace = z.infer<typeof space>;

const process = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  management: management.optional(),
});

const environment = z.record(z.string(), z.string());

export const requestSchemas = {
  space: z.object({ server: serverName }),
  server: z.object({ server: serverName }),
  service: z.object({ name: z.string(), env: environment, until: z.enum(['ready', 'live']) }),
  stack: z.object({
    env: z.record(z.string(), environment),
    replicas: z.record(z.string(), z.int().min(1)),
  }),
  control: z.object({ id: z.string(), action: z.enum(['start', 'stop', 'kill']), empty: z.boolean() }),
  logs: z.object({ id: z.string() }),
  browser: z.object({}),
};

export type TestServerRequests = {
  [Name in keyof typeof requestSchemas]: z.infer<(typeof requestSchemas)[Name]>;
};

export const responseSchemas = {
  space,
  server: process,
  service: process,
  stack: z.array(process),
  control: z.object({}),
  logs: z.array(z.string()),
  browser: z.object({ url: z.string() }),
};

export type TestServerResponses = {
  [Name in keyof typeof responseSchemas]: z.infer<(typeof responseSchemas)[Name]>;
};

/** The body of an error response. */
export const errorResponseSchema = z.object({ error: z.string() });
