export { ACCESS_TOKENS, createAccessTokenVerifier, remoteKeys } from './auth/access-tokens.ts';
export type { AccessTokenVerifier } from './auth/access-tokens.ts';
export { createAuthenticator } from './auth/authenticator.ts';
export type { Authenticator } from './auth/authenticator.ts';
export { ANONYMOUS, hasScope, requireUser } from './auth/caller.ts';
export type { Anonymous, Caller, Service, User } from './auth/caller.ts';
export { createServiceTokens } from './auth/service-tokens.ts';
export type { ServiceTokens } from './auth/service-tokens.ts';
export { backoffDelay, untilItWorks } from './backoff.ts';
export {
  baseConfig,
  ConfigError,
  EXIT_CONFIG,
  flag,
  mongoUri,
  port,
  readConfig,
  secret,
  url,
} from './config.ts';
export type { BaseConfig } from './config.ts';
export { createHealth } from './health.ts';
export type { Health, HealthCheck, HealthReport } from './health.ts';
export { createHttpApp } from './http/app.ts';
export type { HttpAppOptions } from './http/app.ts';
export type { ErrorFormat } from './http/error-format.ts';
export type { Outages } from './http/error-handler.ts';
export { eventStream } from './http/event-stream.ts';
export type { ServerSentEvent } from './http/event-stream.ts';
export { createBodyReader } from './http/body-reader.ts';
export type { BodyReader, BodyReaderOptions } from './http/body-reader.ts';
export { decodeCursor, encodeCursor, pageOf, pageQuery } from './http/paging.ts';
export type { Page } from './http/paging.ts';
export {
  headersOf,
  PROBLEM_TYPE,
  problemOf,
  problemSchema,
  statusOf,
  UNAVAILABLE_SERVICE,
} from './http/problem.ts';
export type { Problem } from './http/problem.ts';
export {
  HeadersTooLarge,
  MalformedRequest,
  MethodNotAllowed,
  PayloadTooLarge,
  RequestTimeout,
  RouteNotFound,
  UnsupportedMediaType,
  UriTooLong,
  ValidationFailed,
} from './http/problem.errors.ts';
export { REQUEST_ID, requestIdFrom } from './http/request-id.ts';
export { route } from './http/route.ts';
export type {
  BodyReply,
  Handled,
  InputSchemas,
  Reply,
  Route,
  RouteSpec,
  SerializedReply,
} from './http/route.ts';
export { listen } from './http/server.ts';
export type { Handlers, ListeningServer } from './http/server.ts';
export { line, text } from './http/text.ts';
export { createLifecycle } from './lifecycle.ts';
export type { Component, Lifecycle } from './lifecycle.ts';
export { createLogger } from './logger.ts';
export type { Logger } from './logger.ts';
export { createMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';
export { TalliedCounter, TalliedHistogram } from './tallies.ts';
export { redact } from './redact.ts';
export { currentContext, withContext } from './request-context.ts';
export type { RequestContext } from './request-context.ts';
export { chassisOrExit, createChassis, runApp, runProcess, runService } from './service.ts';
export type { Chassis, RunningService } from './service.ts';
export { createSweeper } from './sweeper.ts';
