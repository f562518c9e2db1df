import { allInstances, type Catalog } from '../../domain/catalog.ts';
import { INSTANCE_STATES } from '../../domain/instance.ts';
import { html, type Html } from './html.ts';
import { icon } from './icons.ts';

/** The numbers of services and instances. A state with instances links to them. */
export function summary(catalog: Catalog): Html {
  const instances = allInstances(catalog);
  const states = INSTANCE_STATES.map((state) => {
    const count = instances.filter((instance) => instance.state === state).length;
    const text = html`${icon(state)}<b>${count}</b> ${state}`;
    return html`<li class="${count > 0 && state}">
      ${count > 0 ? html`<a href="./?q=state:${state}">${text}</a>` : text}
    </li>`;
  });
  return html`<ul>
    <li><b>${catalog.services.size}</b> ${catalog.services.size === 1 ? 'service' : 'services'}</li>
    <li><b>${instances.length}</b> ${instances.length === 1 ? 'instance' : 'instances'}</li>
    ${states}
  </ul>`;
}

/** The window's title. Problems come first, so that they are visible in a narrow tab. */
export function pageTitle(catalog: Catalog | undefined): string {
  const down = catalog && allInstances(catalog).filter(({ state }) => state === 'down').length;
  return down ? `${down} down · Plaza registry` : 'Plaza registry';
}
