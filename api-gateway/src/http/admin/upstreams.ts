import type { Metrics } from '@plaza/service-kit';
import { Router, type Request } from 'express';
import { z } from 'zod';
import type { Upstream } from '../../declaration/declaration.ts';
import { TARGET_WORDS, targetOf, weight } from '../../declaration/format/target.ts';
import type { Keeper } from '../../runtime/keeper.ts';
import type { Upstream as Running, PeerHealth } from '../../upstream/upstream.ts';
import { undeclared, type Upstreams } from '../../upstream/upstreams.ts';
import { byNameOrId } from './entities.ts';
import { answering, invalid, list, notFound, ok, type Reply } from './reply.ts';
import { trafficIn } from './traffic.ts';
import { targetView, upstreamView, type ViewContext } from './views.ts';

const change = z.object({ weight: z.coerce.number().pipe(weight) });
const addition = z.object({ target: z.string(), weight: z.coerce.number().pipe(weight).default(100) });

export interface UpstreamRouterOptions {
  readonly keeper: Keeper;
  readonly upstreams: Upstreams;
  readonly context: () => ViewContext;
  readonly metrics: Metrics;
}

/** Upstreams: those of the file, and one for each name of the registry that a service has for its host. */
export function upstreamRouter({ keeper, upstreams, context, metrics }: UpstreamRouterOptions): Router {
  const router = Router();

  function all(): readonly Upstream[] {
    const declared = keeper.upstreams();
    const known = new Set(declared.map(({ name }) => name));
    const hosts = keeper
      .read()
      .declaration.services.flatMap(({ address }) => (address.port === undefined ? [address.host] : []));
    const implicit = [...new Set(hosts)].filter((host) => !known.has(host)).map(undeclared);
    return [...declared, ...implicit];
  }

  const named = (key: string | undefined) => byNameOrId(all(), key);
  const trafficOf = async ({ name }: Upstream) => (await trafficIn(metrics))[name] ?? {};

  /** Handles what is about an upstream that is there. */
  const about = (handle: (upstream: Upstream, request: Request) => Reply | Promise<Reply>) =>
    answering((request) => {
      const upstream = named(request.params['upstream']?.toString());
      return upstream === undefined ? notFound : handle(upstream, request);
    });

  async function set(upstream: Upstream, target: string, to: number | null): Promise<boolean> {
    return keeper.setWeight(upstream.name, target, to);
  }

  /** What was changed, and what has come of it so far. */
  async function changed(name: string, target: string, shared: boolean): Promise<Reply> {
    const upstream = named(name);
    const found = upstream?.targets.find((one) => one.target === target);
    if (upstream === undefined || found === undefined) return notFound;
    return ok({
      ...targetView(found, upstream, context()),
      shared,
      shares: sharesOf(upstream),
      requests_by_version: await trafficOf(upstream),
    });
  }

  router.get(
    '/upstreams',
    answering(() => list(all().map((upstream) => upstreamView(upstream, context())))),
  );
  router.get(
    '/upstreams/:upstream',
    about((upstream) => ok(upstreamView(upstream, context()))),
  );
  router.get(
    '/upstreams/:upstream/targets',
    about((upstream) => list(upstream.targets.map((target) => targetView(target, upstream, context())))),
  );
  router.get(
    '/upstreams/:upstream/health',
    about(async (upstream) => {
      const view = healthView(upstream, upstreams.named(upstream.name), context());
      return ok({ ...view, requests_by_version: await trafficOf(upstream) });
    }),
  );
  router.post(
    '/upstreams/:upstream/targets',
    about(async (upstream, { body }) => {
      const parsed = addition.safeParse(body ?? {});
      if (!parsed.success) return invalid(fieldsOf(parsed.error));
      const target = targetOf(parsed.data.target);
      if (target === undefined) return invalid({ target: TARGET_WORDS });
      const shared = await set(upstream, target, parsed.data.weight);
      return { ...(await changed(upstream.name, target, shared)), status: 201 };
    }),
  );
  const setWeight = about(async (upstream, { params, body }) => {
    const target = targetOf(params['target']?.toString() ?? '');
    if (target === undefined || !mayHave(upstream, keeper, target)) return notFound;
    const parsed = change.safeParse(body ?? {});
    if (!parsed.success) return invalid(fieldsOf(parsed.error));
    return changed(upstream.name, target, await set(upstream, target, parsed.data.weight));
  });
  router.patch('/upstreams/:upstream/targets/:target', setWeight);
  router.put('/upstreams/:upstream/targets/:target', setWeight);
  router.delete(
    '/upstreams/:upstream/targets/:target',
    about(async (upstream, { params }) => {
      const target = targetOf(params['target']?.toString() ?? '');
      if (target === undefined || !upstream.targets.some((one) => one.target === target)) return notFound;
      await set(upstream, target, null);
      return { status: 204 };
    }),
  );
  return router;
}

/** Instances that the registry knows are there to be selected, without having been named before. */
function mayHave(upstream: Upstream, keeper: Keeper, target: string): boolean {
  const declared = keeper.read().declaration.upstreams.find(({ name }) => name === upstream.name);
  if (upstream.targets.some((one) => one.target === target)) return true;
  return (declared?.targets.length ?? 0) === 0 && target.includes('=');
}

function sharesOf({ targets }: Upstream) {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  return targets.map(({ target, weight }) => ({ target, weight, share: total === 0 ? 0 : weight / total }));
}

/** Kong's answer: each target and how it is; here with the instances that it stands for. */
function healthView(upstream: Upstream, running: Running | undefined, context: ViewContext) {
  const peers = running?.health() ?? [];
  const targets =
    upstream.targets.length > 0
      ? upstream.targets
      : peers.map(({ peer }) => ({
          target: new URL(peer.url).host,
          weight: peer.weight,
          tags: new Set<string>(),
        }));
  const data = targets.map((target) => {
    const own = peers.filter(
      ({ peer }) => peer.target === target.target || new URL(peer.url).host === target.target,
    );
    return {
      ...targetView(target, upstream, context),
      health: together(own),
      data: { addresses: own.map(addressView) },
    };
  });
  return { data, total: data.length, next: null };
}

function addressView({ peer, health }: PeerHealth) {
  const { hostname, port } = new URL(peer.url);
  return {
    ip: hostname,
    port: Number(port),
    health,
    weight: peer.weight,
    instance: peer.instanceId,
    version: peer.version,
  };
}

/** A target is as well as the best of those behind it. */
function together(peers: readonly PeerHealth[]): string {
  const found = new Set(peers.map(({ health }) => health));
  return (
    (['HEALTHY', 'HEALTHCHECKS_OFF', 'UNHEALTHY'] as const).find((health) => found.has(health)) ?? 'DNS_ERROR'
  );
}

function fieldsOf({ issues }: z.ZodError): Record<string, string> {
  return Object.fromEntries(issues.map(({ path, message }) => [path.join('.') || '@entity', message]));
}
