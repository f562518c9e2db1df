import type { Instance } from '@plaza/discovery';

/** What an instance must say of itself: `version=2.0.0`, or several facts with commas between. */
export type Selector = readonly (readonly [name: string, value: string])[];

/** undefined for what is an address, such as `host:port`. `*` asks for nothing: it is for whom no other selects. */
export function selectorOf(target: string): Selector | undefined {
  if (target === '*') return [];
  if (!target.includes('=')) return undefined;
  return target.split(',').map((fact) => {
    const mark = fact.indexOf('=');
    return [fact.slice(0, mark).trim(), fact.slice(mark + 1).trim()] as const;
  });
}

export function matches(selector: Selector, instance: Instance): boolean {
  return selector.every(([name, value]) =>
    name === 'tag' ? instance.tags.includes(value) : factOf(instance, name) === value,
  );
}

function factOf({ instanceId, version, metadata }: Instance, name: string): string | undefined {
  if (name === 'version') return version;
  return name === 'id' ? instanceId : metadata[name];
}
