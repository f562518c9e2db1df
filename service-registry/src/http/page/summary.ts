import { allInstances, type Catalogue } from '../../domain/catalogue.ts';
import { STATES } from '../../domain/instance.ts';
import { html, type Html } from './html.ts';
import { icon } from './icons.ts';

/** How many there are of what. A state that has any leads to its instances. */
export function summary(catalogue: Catalogue): Html {
  const instances = allInstances(catalogue);
  const states = STATES.map((state) => {
    const count = instances.filter((instance) => instance.state === state).length;
    const text = html`${icon(state)}<b>${count}</b> ${state}`;
    return html`<li class="${count > 0 && state}">
      ${count > 0 ? html`<a href="./?q=state:${state}">${text}</a>` : text}
    </li>`;
  });
  return html`<ul>
    <li><b>${catalogue.services.size}</b> ${catalogue.services.size === 1 ? 'service' : 'services'}</li>
    <li><b>${instances.length}</b> ${instances.length === 1 ? 'instance' : 'instances'}</li>
    ${states}
  </ul>`;
}

/** The window's title: what is wrong comes first, where a narrow tab still shows it. */
export function titleOf(catalogue: Catalogue | undefined): string {
  const down = catalogue && allInstances(catalogue).filter(({ state }) => state === 'down').length;
  return down ? `${down} down · Plaza registry` : 'Plaza registry';
}
