import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { EVENT_STREAM, type EventStreamSchema } from './event-stream.ts';
import { jsonBody } from './body-reader.ts';
import { PROBLEM_TYPE, problemSchema, toHttpStatus } from './problem-details.ts';
import type { HttpRoute, HttpRouteDocs } from './route.ts';

export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

/** The OpenAPI 3.1 document of some routes, made from the very schemas that check their input. */
export function createOpenApi(info: ApiInfo, routes: readonly HttpRoute[]): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: toOperation(route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { ...info },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  });
}

function toOperation(route: HttpRoute): ZodOpenApiOperationObject {
  const { params, query, headers, body } = route.input;
  return {
    operationId: `${route.method}${route.path.replaceAll(/[^a-zA-Z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: route.summary,
    tags: [route.tag],
    ...(route.auth === 'none'
      ? {}
      : { security: route.auth === 'optional' ? [{}, { bearer: [] }] : [{ bearer: [] }] }),
    requestParams: {
      ...(params instanceof z.ZodObject ? { path: params } : {}),
      ...(query instanceof z.ZodObject ? { query } : {}),
      ...(headers instanceof z.ZodObject ? { header: headers } : {}),
    },
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.safeParse(undefined).success,
            content: contentOfTypes((route.bodyReader ?? jsonBody).types, body),
          },
        }),
    responses: { ...toResponses(route), ...toErrorResponses(route) },
  };
}

type Responses = Record<`${1 | 2 | 3 | 4 | 5}${string}`, ZodOpenApiResponseObject>;

function toResponses(route: HttpRoute): Responses {
  const responses: Record<string, ZodOpenApiResponseObject> = {};
  for (const [status, schema] of Object.entries(route.responses)) {
    responses[status] = {
      description: STATUS_CODES[status] ?? status,
      ...(schema === null ? {} : { content: toContent(schema, route.produces) }),
    };
  }
  return responses;
}

type Content = NonNullable<ZodOpenApiResponseObject['content']>;

function toContent(schema: z.ZodType | EventStreamSchema, types: HttpRouteDocs['produces']): Content {
  return 'eventStream' in schema
    ? contentOfTypes([EVENT_STREAM], schema.eventStream)
    : contentOfTypes(types ?? ['application/json'], schema);
}

function contentOfTypes(types: readonly string[], schema: z.ZodType): Content {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

/** One entry a status, its description the titles of all errors which have that status. */
function toErrorResponses(route: HttpRoute): Responses {
  const named = (route.errors ?? []).map((error) => [toHttpStatus(error), error.title] as const);
  const implied: (readonly [number, string])[] = [
    ...(Object.keys(route.input).length > 0 ? [[400, 'Validation failed'] as const] : []),
    ...(route.auth === 'none' || route.authenticate !== undefined ? [] : [[401, 'Unauthorized'] as const]),
    [500, 'Internal server error'],
  ];
  const { contentType, schema } = route.errorFormat ?? { contentType: PROBLEM_TYPE, schema: problemSchema };
  const responses: Record<string, ZodOpenApiResponseObject> = {};
  for (const [status, group] of Map.groupBy([...implied, ...named], ([code]) => code)) {
    responses[status] = {
      description: [...new Set(group.map(([, title]) => title))].join(' · '),
      content: { [contentType]: { schema } },
    };
  }
  return responses;
}
