import { Router, type Request } from 'express';
import type { TargetEntity, UpstreamEntity } from '../../kong-config/model/entities.ts';
import { normaliseTarget } from '../../kong-config/schema/target.ts';
import type { ConfigManager } from '../config-manager.ts';
import { findByNameOrId } from './entity-collection.ts';
import { effectiveUpstreams } from './effective-upstreams.ts';
import { paginate } from './pagination.ts';
import {
  respondWith,
  okOrNotFound,
  schemaViolation,
  notFound,
  ok,
  pathParam,
  errorResponse,
  type AdminResponse,
} from './responses.ts';
import { mountResource } from './mount-resource.ts';
import { toFieldErrors, targetCreateSchema, targetUpdateSchema } from './target.schemas.ts';
import type { RequestCounts } from './request-counts.ts';
import { serializeTarget, type SerializerContext } from './serializers.ts';

export interface TargetRouterOptions {
  readonly configManager: ConfigManager;
  readonly context: () => SerializerContext;
  readonly requestCountsOf: (upstream: UpstreamEntity) => Promise<RequestCounts>;
}

/** Adds, weights and removes targets at run time, for traffic splits and canaries. */
export function targetRouter({ configManager, context, requestCountsOf }: TargetRouterOptions): Router {
  const router = Router();
  const upstreamNamed = (key: string) =>
    findByNameOrId(effectiveUpstreams(configManager), ({ name }) => name, key);

  /** Wraps a handler: 404 if the upstream does not exist. */
  const withUpstream = (
    handle: (upstream: UpstreamEntity, request: Request) => AdminResponse | Promise<AdminResponse>,
  ) =>
    respondWith((request) => {
      const upstream = upstreamNamed(pathParam(request, 'upstream'));
      return upstream === undefined ? notFound : handle(upstream, request);
    });

  /** Sets a weight. Responds with it and with the request counts so far. */
  async function setWeight({ name }: UpstreamEntity, target: string, weight: number): Promise<AdminResponse> {
    const shared = await configManager.setTargetWeight(name, target, weight);
    const upstream = upstreamNamed(name);
    const set = upstream?.targets.find((one) => one.target === target);
    if (upstream === undefined || set === undefined) return notFound;
    const view = serializeTarget(set, upstream, context());
    return ok({
      ...view,
      shared,
      shares: trafficShares(upstream),
      requests_by_version: await requestCountsOf(upstream),
    });
  }

  const list = withUpstream((upstream, request) =>
    paginate(upstream.targets, request, (one) => serializeTarget(one, upstream, context())),
  );
  const add = withUpstream(async (upstream, { body }) => {
    const { data, error } = targetCreateSchema.safeParse(body ?? {});
    if (error !== undefined) return schemaViolation(toFieldErrors(error));
    if (upstream.targets.some(({ target }) => target === data.target))
      return uniqueViolation(upstream, data.target);
    return { ...(await setWeight(upstream, data.target, data.weight)), status: 201 };
  });
  const show = withUpstream((upstream, request) => {
    const target = findTarget(upstream, request);
    return okOrNotFound(target && serializeTarget(target, upstream, context()));
  });
  const change = withUpstream(async (upstream, request) => {
    const key = pathParam(request, 'target');
    const target = findTarget(upstream, request)?.target;
    if (target === undefined && !canAddTarget(upstream, configManager, key)) return notFound;
    const { data, error } = targetUpdateSchema.safeParse(request.body ?? {});
    return error === undefined
      ? setWeight(upstream, target ?? key, data.weight)
      : schemaViolation(toFieldErrors(error));
  });
  const remove = withUpstream(async (upstream, request) => {
    const target = findTarget(upstream, request)?.target;
    if (target === undefined) return notFound;
    await configManager.setTargetWeight(upstream.name, target, null);
    return { status: 204 };
  });

  const path = '/upstreams/:upstream/targets';
  mountResource(router, { path, methods: { get: list, post: add } });
  mountResource(router, { path: `${path}/all`, methods: { get: list } });
  mountResource(router, {
    path: `${path}/:target`,
    methods: { get: show, patch: change, put: change, delete: remove },
  });
  return router;
}

/** Finds a target by its address, selector or id. */
function findTarget({ targets }: UpstreamEntity, request: Request): TargetEntity | undefined {
  const key = pathParam(request, 'target');
  return targets.find(({ id, target }) => id === key || target === normaliseTarget(key));
}

/** A selector may match instances of the registry that the file does not name. */
function canAddTarget(upstream: UpstreamEntity, configManager: ConfigManager, target: string): boolean {
  const declared = configManager.current().config.upstreams.find(({ name }) => name === upstream.name);
  return (
    (declared?.targets.length ?? 0) === 0 && target.includes('=') && normaliseTarget(target) !== undefined
  );
}

const uniqueViolation = ({ id }: UpstreamEntity, target: string): AdminResponse =>
  errorResponse(409, {
    message: `UNIQUE violation detected on '{target="${target}",upstream={id="${id}"}}'`,
    name: 'unique constraint violation',
    code: 5,
    fields: { target, upstream: { id } },
  });

function trafficShares({ targets }: UpstreamEntity) {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  return targets.map(({ target, weight }) => ({ target, weight, share: total === 0 ? 0 : weight / total }));
}
