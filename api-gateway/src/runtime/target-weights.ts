import { z } from 'zod';
import type { Target, Upstream } from '../declaration/declaration.ts';
import { targetId } from '../declaration/entity-id.ts';
import { parseJson } from '../json.ts';
import { undeclared } from '../upstream/upstreams.ts';

/** The target of whoever belongs to no other: what a split leaves. */
export const THE_REST = '*';

/** What an upstream without targets of its own has to share out between those that are set and the rest. */
const WHOLE = 100;

const override = z.object({
  /** null: the target is taken away. */
  weight: z.number().nullable(),
  /** What the file said when this was set, null for nothing: a file that says something else holds again. */
  over: z.number().nullable(),
});

export type Override = z.output<typeof override>;

/** By upstream and target. */
export type Overrides = ReadonlyMap<string, ReadonlyMap<string, Override>>;

const PREFIX = 'weight:';

/** The field of the settings that has a target's weight. */
export const fieldOf = (upstream: string, target: string) => PREFIX + JSON.stringify([upstream, target]);

const key = z.tuple([z.string(), z.string()]);

/** Reads what is set; what is none of ours is passed over. */
export function overridesIn(settings: ReadonlyMap<string, string>): Overrides {
  const overrides = new Map<string, Map<string, Override>>();
  for (const [field, value] of settings) {
    if (!field.startsWith(PREFIX)) continue;
    const place = key.safeParse(parseJson(field.slice(PREFIX.length)));
    const parsed = override.safeParse(parseJson(value));
    if (!place.success || !parsed.success) continue;
    const [upstream, target] = place.data;
    const targets = overrides.get(upstream) ?? new Map<string, Override>();
    overrides.set(upstream, targets.set(target, parsed.data));
  }
  return overrides;
}

/**
 * The upstreams as they are in force: those of the file, with the weights that were set since; and one for
 * each name of the registry that targets were set of.
 */
export function weighted(declared: readonly Upstream[], overrides: Overrides): Upstream[] {
  const names = new Set(declared.map(({ name }) => name));
  const implicit = [...overrides.keys()].filter((name) => !names.has(name)).map(undeclared);
  return [...declared, ...implicit]
    .map((upstream) => withWeights(upstream, overrides.get(upstream.name) ?? new Map()))
    .filter(({ name, targets }) => names.has(name) || targets.length > 0);
}

function withWeights(upstream: Upstream, overrides: ReadonlyMap<string, Override>): Upstream {
  const own = new Map(upstream.targets.map(({ target, weight }) => [target, weight]));
  const valid = [...overrides].filter(([target, { over }]) => over === (own.get(target) ?? null));
  const set = new Map(valid.map(([target, { weight }]) => [target, weight]));
  const kept = upstream.targets.flatMap((target) => {
    const weight = set.has(target.target) ? set.get(target.target) : target.weight;
    return weight === null || weight === undefined ? [] : [{ ...target, weight }];
  });
  const added = [...set].flatMap(([target, weight]) =>
    own.has(target) || weight === null ? [] : [targetWeighing(upstream, target, weight)],
  );
  const targets: Target[] = [...kept, ...added];
  if (own.size > 0 || targets.length === 0) return { ...upstream, targets };
  return { ...upstream, targets: [...targets, rest(upstream, targets)] };
}

/** A tenth for one is nine tenths for the others. */
function rest(upstream: Upstream, targets: readonly Target[]): Target {
  const taken = targets.reduce((sum, { weight }) => sum + weight, 0);
  return targetWeighing(upstream, THE_REST, Math.max(0, WHOLE - taken));
}

const targetWeighing = ({ name }: Upstream, target: string, weight: number): Target => ({
  id: targetId(name, target),
  target,
  weight,
  tags: new Set(),
});
