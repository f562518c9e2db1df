export { ACCESS_TOKENS, createAccessTokenVerifier } from './auth/access-tokens.ts';
export type { AccessTokenVerifier } from './auth/access-tokens.ts';
export { createAuthenticator } from './auth/authenticator.ts';
export type { Authenticator } from './auth/authenticator.ts';
export { ANONYMOUS, hasScope, requireUser } from './auth/caller.ts';
export type { AnonymousCaller, Caller, ServiceCaller, UserCaller } from './auth/caller.ts';
export { createServiceTokens } from './auth/service-tokens.ts';
export type { ServiceTokens } from './auth/service-tokens.ts';
export { retryForever } from './retry.ts';
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
export { createHealthCheckRegistry } from './health.ts';
export type { HealthCheckRegistry, HealthCheck, HealthReport } from './health.ts';
export { createHttpApp } from './http/http-app.ts';
export type { HttpAppOptions } from './http/http-app.ts';
export type { ErrorFormat } from './http/error-format.ts';
export type { DependencyErrors } from './http/error-handler.ts';
export { eventStream } from './http/event-stream.ts';
export type { ServerSentEvent } from './http/event-stream.ts';
export { createBodyReader } from './http/body-reader.ts';
export type { BodyReader, BodyReaderOptions } from './http/body-reader.ts';
export { decodeCursor, encodeCursor, pageSchema, pageQuery } from './http/pagination.ts';
export type { Page } from './http/pagination.ts';
export {
  toErrorHeaders,
  PROBLEM_TYPE,
  createProblem,
  problemSchema,
  toHttpStatus,
  UNAVAILABLE_SERVICE,
} from './http/problem-details.ts';
export type { Problem } from './http/problem-details.ts';
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
export { REQUEST_ID, parseRequestId } from './http/request-id.ts';
export { route } from './http/route.ts';
export type {
  JsonReply,
  RouteInput,
  InputSchemas,
  RouteReply,
  HttpRoute,
  HttpRouteOptions,
  SerializedReply,
} from './http/route.ts';
export { listen } from './http/server.ts';
export type { ServerHandlers, ListeningServer } from './http/server.ts';
export { singleLineText, multiLineText } from './http/text.schemas.ts';
export { createLifecycle } from './lifecycle.ts';
export type { Component, Lifecycle } from './lifecycle.ts';
export { createLogger } from './logger.ts';
export type { Logger } from './logger.ts';
export { createMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';
export { PreboundCounter, PreboundHistogram } from './prebound-metrics.ts';
export { redact } from './redact.ts';
export { currentContext, withContext } from './correlation-context.ts';
export type { CorrelationContext } from './correlation-context.ts';
export { createChassisOrExit, createChassis, runApp, runProcess, runService } from './chassis.ts';
export type { Chassis, RunningService } from './chassis.ts';
export { createPeriodicJob } from './periodic-job.ts';
