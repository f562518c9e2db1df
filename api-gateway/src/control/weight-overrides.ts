import { z } from 'zod';
import type { TargetEntity, UpstreamEntity } from '../kong-config/model/entities.ts';
import { targetId } from '../kong-config/model/entity-id.ts';
import { safeJsonParse } from '../util/safe-json-parse.ts';
import { implicitUpstream } from '../balancer/upstream-registry.ts';

/** The target of all instances that match no other target of a traffic split. */
export const REMAINDER_TARGET = '*';

/**
 * The total weight of an upstream without declared targets, shared between the targets that are set and the
 * rest.
 */
const TOTAL_WEIGHT = 100;

const weightOverrideSchema = z.object({
  /** null: the target is removed. */
  weight: z.number().nullable(),
  /**
   * The weight in the file when the override was set, null if none. If the file changes it, the override no
   * longer applies.
   */
  over: z.number().nullable(),
});

export type WeightOverride = z.output<typeof weightOverrideSchema>;

/** By upstream and target. */
export type WeightOverrides = ReadonlyMap<string, ReadonlyMap<string, WeightOverride>>;

const FIELD_PREFIX = 'weight:';

/** The field that holds a target's weight. */
export const weightField = (upstream: string, target: string) =>
  FIELD_PREFIX + JSON.stringify([upstream, target]);

const fieldKeySchema = z.tuple([z.string(), z.string()]);

/** Parses the overrides; ignores other fields. */
export function parseWeightOverrides(fields: ReadonlyMap<string, string>): WeightOverrides {
  const overrides = new Map<string, Map<string, WeightOverride>>();
  for (const [field, value] of fields) {
    if (!field.startsWith(FIELD_PREFIX)) continue;
    const key = fieldKeySchema.safeParse(safeJsonParse(field.slice(FIELD_PREFIX.length)));
    const parsed = weightOverrideSchema.safeParse(safeJsonParse(value));
    if (!key.success || !parsed.success) continue;
    const [upstream, target] = key.data;
    const targets = overrides.get(upstream) ?? new Map<string, WeightOverride>();
    overrides.set(upstream, targets.set(target, parsed.data));
  }
  return overrides;
}

/**
 * The upstreams in force: those of the file with their overrides, and one for each name in the registry that
 * has overrides.
 */
export function applyWeightOverrides(
  declared: readonly UpstreamEntity[],
  overrides: WeightOverrides,
): UpstreamEntity[] {
  const names = new Set(declared.map(({ name }) => name));
  const implicit = [...overrides.keys()].filter((name) => !names.has(name)).map(implicitUpstream);
  return [...declared, ...implicit]
    .map((upstream) => overrideWeights(upstream, overrides.get(upstream.name) ?? new Map()))
    .filter(({ name, targets }) => names.has(name) || targets.length > 0);
}

function overrideWeights(
  upstream: UpstreamEntity,
  overrides: ReadonlyMap<string, WeightOverride>,
): UpstreamEntity {
  const own = new Map(upstream.targets.map(({ target, weight }) => [target, weight]));
  const valid = [...overrides].filter(([target, { over }]) => over === (own.get(target) ?? null));
  const set = new Map(valid.map(([target, { weight }]) => [target, weight]));
  const kept = upstream.targets.flatMap((target) => {
    const weight = set.has(target.target) ? set.get(target.target) : target.weight;
    return weight === null || weight === undefined ? [] : [{ ...target, weight }];
  });
  const added = [...set].flatMap(([target, weight]) =>
    own.has(target) || weight === null ? [] : [createTarget(upstream, target, weight)],
  );
  const targets: TargetEntity[] = [...kept, ...added];
  if (own.size > 0 || targets.length === 0) return { ...upstream, targets };
  return { ...upstream, targets: [...targets, remainderTarget(upstream, targets)] };
}

/** With a tenth for one target, the rest gets nine tenths. */
function remainderTarget(upstream: UpstreamEntity, targets: readonly TargetEntity[]): TargetEntity {
  const taken = targets.reduce((sum, { weight }) => sum + weight, 0);
  return createTarget(upstream, REMAINDER_TARGET, Math.max(0, TOTAL_WEIGHT - taken));
}

const createTarget = ({ name }: UpstreamEntity, target: string, weight: number): TargetEntity => ({
  id: targetId(name, target),
  target,
  weight,
  tags: new Set(),
});
