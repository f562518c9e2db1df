import type { Catalog } from '../../domain/catalog.ts';
import type { Instance } from '../../domain/instance.ts';
import { html, type Html } from './html.ts';

export const COLUMNS = ['State', 'Instance', 'Version', 'Weight', 'Last heartbeat', 'Checks'] as const;

/** A service in the table. */
export interface ServiceGroup {
  readonly service: string;
  readonly instances: readonly Instance[];
  /** The instances with a row. */
  readonly shown: readonly Instance[];
}

/** All services sorted by name; with `chosen`, only those with a chosen instance. */
export function groupByService(
  { services }: Catalog,
  chosen: (instance: Instance) => boolean = all,
): ServiceGroup[] {
  return [...services]
    .map(([service, { instances }]) => ({ service, instances, shown: instances.filter(chosen) }))
    .filter(({ shown }) => shown.length > 0)
    .sort((one, other) => (one.service < other.service ? -1 : 1));
}

const all = () => true;

export function serviceTable(groups: readonly ServiceGroup[], row: (instance: Instance) => Html): Html {
  return html`<table role="table" aria-label="Instances by service">
    <thead role="rowgroup">
      <tr role="row">
        ${COLUMNS.map((title) => html`<th role="columnheader" scope="col">${title}</th>`)}
      </tr>
    </thead>
    ${groups.map(
      ({ service, instances, shown }) =>
        html`<tbody role="rowgroup" data-service="${service}">
          ${serviceRow(service, instances)} ${shown.map(row)}
        </tbody>`,
    )}
  </table>`;
}

/** The heading of a service's rows: the number of its instances, and their states unless all are up. */
export function serviceRow(service: string, instances: readonly Instance[]): Html {
  return html`<tr role="row" class="service">
    <th role="rowheader" scope="rowgroup" colspan="${COLUMNS.length}">
      <h2>${service}</h2>
      <span class="count">${countByState(instances)}</span>
    </th>
  </tr>`;
}

function countByState(instances: readonly Instance[]): string {
  const total = `${instances.length} ${instances.length === 1 ? 'instance' : 'instances'}`;
  const states = (['up', 'draining', 'down'] as const)
    .map((state) => [instances.filter((instance) => instance.state === state).length, state] as const)
    .filter(([count]) => count > 0);
  const [first] = states;
  if (states.length === 1 && first !== undefined)
    return `${total}, ${first[0] === 1 ? '' : 'all '}${first[1]}`;
  return `${total}: ${states.map(([count, state]) => `${count} ${state}`).join(', ')}`;
}
