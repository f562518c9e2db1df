import type { ServiceInstance } from '@plaza/discovery';

/** Labels that an instance must have: `version=2.0.0`, or several separated by commas. */
export type LabelSelector = readonly (readonly [name: string, value: string])[];

/** Undefined for an address, such as `host:port`. `*` selects the instances that no other selector matches. */
export function parseSelector(target: string): LabelSelector | undefined {
  if (target === '*') return [];
  if (!target.includes('=')) return undefined;
  return target.split(',').map((fact) => {
    const mark = fact.indexOf('=');
    return [fact.slice(0, mark).trim(), fact.slice(mark + 1).trim()] as const;
  });
}

export function matchesSelector(selector: LabelSelector, instance: ServiceInstance): boolean {
  return selector.every(([name, value]) =>
    name === 'tag' ? instance.tags.includes(value) : labelValue(instance, name) === value,
  );
}

function labelValue({ instanceId, version, metadata }: ServiceInstance, name: string): string | undefined {
  if (name === 'version') return version;
  return name === 'id' ? instanceId : metadata[name];
}
