import { Router, type Request } from 'express';
import type { Target, Upstream } from '../../declaration/declaration.ts';
import { targetOf } from '../../declaration/format/target.ts';
import type { Keeper } from '../../runtime/keeper.ts';
import { byNameOrId } from './collection.ts';
import { knownUpstreams } from './known-upstreams.ts';
import { page } from './page.ts';
import { answering, found, invalid, notFound, ok, param, refuse, type Reply } from './reply.ts';
import { serve } from './resource.ts';
import { fieldsOf, targetAddition, targetChange } from './target-body.ts';
import type { Traffic } from './traffic.ts';
import { targetView, type ViewContext } from './views.ts';

export interface TargetRouterOptions {
  readonly keeper: Keeper;
  readonly context: () => ViewContext;
  readonly trafficOf: (upstream: Upstream) => Promise<Traffic>;
}

/** Targets can be added, weighted and taken away while requests pass: a split, a canary. */
export function targetRouter({ keeper, context, trafficOf }: TargetRouterOptions): Router {
  const router = Router();
  const upstreamNamed = (key: string) => byNameOrId(knownUpstreams(keeper), ({ name }) => name, key);

  /** Handles what is about an upstream that is there. */
  const about = (handle: (upstream: Upstream, request: Request) => Reply | Promise<Reply>) =>
    answering((request) => {
      const upstream = upstreamNamed(param(request, 'upstream'));
      return upstream === undefined ? notFound : handle(upstream, request);
    });

  /** Sets a weight; tells of it, and of what has come of it so far. */
  async function weigh({ name }: Upstream, target: string, weight: number): Promise<Reply> {
    const shared = await keeper.setWeight(name, target, weight);
    const upstream = upstreamNamed(name);
    const set = upstream?.targets.find((one) => one.target === target);
    if (upstream === undefined || set === undefined) return notFound;
    const view = targetView(set, upstream, context());
    return ok({
      ...view,
      shared,
      shares: sharesOf(upstream),
      requests_by_version: await trafficOf(upstream),
    });
  }

  const list = about((upstream, request) =>
    page(upstream.targets, request, (one) => targetView(one, upstream, context())),
  );
  const add = about(async (upstream, { body }) => {
    const { data, error } = targetAddition.safeParse(body ?? {});
    if (error !== undefined) return invalid(fieldsOf(error));
    if (upstream.targets.some(({ target }) => target === data.target)) return taken(upstream, data.target);
    return { ...(await weigh(upstream, data.target, data.weight)), status: 201 };
  });
  const show = about((upstream, request) => {
    const target = askedIn(upstream, request);
    return found(target && targetView(target, upstream, context()));
  });
  const change = about(async (upstream, request) => {
    const key = param(request, 'target');
    const target = askedIn(upstream, request)?.target;
    if (target === undefined && !mayHave(upstream, keeper, key)) return notFound;
    const { data, error } = targetChange.safeParse(request.body ?? {});
    return error === undefined ? weigh(upstream, target ?? key, data.weight) : invalid(fieldsOf(error));
  });
  const remove = about(async (upstream, request) => {
    const target = askedIn(upstream, request)?.target;
    if (target === undefined) return notFound;
    await keeper.setWeight(upstream.name, target, null);
    return { status: 204 };
  });

  const path = '/upstreams/:upstream/targets';
  serve(router, { path, methods: { get: list, post: add } });
  serve(router, { path: `${path}/all`, methods: { get: list } });
  serve(router, {
    path: `${path}/:target`,
    methods: { get: show, patch: change, put: change, delete: remove },
  });
  return router;
}

/** By its address or selector, or by its id. */
function askedIn({ targets }: Upstream, request: Request): Target | undefined {
  const key = param(request, 'target');
  return targets.find(({ id, target }) => id === key || target === targetOf(key));
}

/** Instances that the registry knows are there to be selected, without having been named before. */
function mayHave(upstream: Upstream, keeper: Keeper, target: string): boolean {
  const declared = keeper.read().declaration.upstreams.find(({ name }) => name === upstream.name);
  return (declared?.targets.length ?? 0) === 0 && target.includes('=') && targetOf(target) !== undefined;
}

const taken = ({ id }: Upstream, target: string): Reply =>
  refuse(409, {
    message: `UNIQUE violation detected on '{target="${target}",upstream={id="${id}"}}'`,
    name: 'unique constraint violation',
    code: 5,
    fields: { target, upstream: { id } },
  });

function sharesOf({ targets }: Upstream) {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  return targets.map(({ target, weight }) => ({ target, weight, share: total === 0 ? 0 : weight / total }));
}
