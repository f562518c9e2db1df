import type { Check, CheckStatus } from '../../domain/check.ts';
import { qualifiedName, type Instance } from '../../domain/instance.ts';
import { isLate } from '../../../assets/relative-time.js';
import { html, Html, type TemplateValue } from './html.ts';
import { icon, type Icon } from './icons.ts';
import { duration, dateTime, timeAgo } from './time.ts';
import { declaredChecks, type LiveValue, type LiveValues } from './live-values.ts';

const CHECK_ICONS: Readonly<Record<CheckStatus, Icon>> = {
  passing: 'up',
  warning: 'attention',
  critical: 'down',
};

/**
 * The row of an instance. It has explicit roles, because the style sheet turns the row into blocks on a narrow
 * screen.
 */
export function instanceRow(instance: Instance, { lastHeartbeat, signs }: LiveValues, now: number): Html {
  const { instanceId, url, version, weight, state, override } = instance;
  return html`<tr role="row" data-key="${qualifiedName(instance)}" data-find="${searchText(instance)}">
    <td role="cell" class="state ${state}">
      ${icon(state)} ${state}${override && overrideNote(override.reason)}
    </td>
    <th role="rowheader" scope="row">
      <code>${instanceId}</code><span class="url">${url}</span>${details(instance)}
    </th>
    <td role="cell" data-label="Version">${version === '' ? NONE : version}</td>
    <td role="cell" data-label="Weight" class="number">${weight}</td>
    ${heartbeatCell(lastHeartbeat, instance.ttlMs ?? 0, now)}
    <td role="cell" data-label="Checks" class="checks">${checkList(instance, signs, now)}</td>
  </tr>`;
}

function heartbeatCell(last: number | null, lease: number, now: number): Html {
  const heard = last === null ? NONE : timeAgo(last, now);
  const late = last !== null && isLate(now - last, lease);
  return html`<td role="cell" data-label="Last heartbeat" data-heartbeat data-lease="${lease}">
    ${heard} <strong ${!late && new Html('hidden')}>late</strong>
  </td>`;
}

const NONE = html`<span class="none">none</span>`;

/** The text that the search matches, in lower case. */
export function searchText(instance: Instance): string {
  const { service, instanceId, url, version, state, tags, metadata, checks, protocol, override } = instance;
  const words = [service, instanceId, url, version, `state:${state}`, `protocol:${protocol}`, ...tags];
  const facts = Object.entries(metadata).map(([name, value]) => `${name}=${value}`);
  const statuses = new Set(checks.map(({ status }) => `check:${status}`));
  const override_ = override === undefined ? [] : ['override'];
  return [...words, ...facts, ...statuses, ...override_].join(' ').toLowerCase();
}

function overrideNote(reason: string): Html {
  return html`<span class="why">set from outside${reason !== '' && `: ${reason}`}</span>`;
}

function checkList(instance: Instance, signs: readonly (LiveValue | null)[], now: number): Html {
  const checks = declaredChecks(instance);
  if (checks.length === 0) return NONE;
  return html`<ul>
    ${checks.map((check, at) => checkItem(check, signs[at] ?? null, now))}
  </ul>`;
}

/** The icon and the word show the check's status; the last observation may be one failure of three. */
function checkItem({ name, status, output }: Check, sign: LiveValue | null, now: number): Html {
  const seen: TemplateValue =
    sign === null ? 'not seen yet' : html`<span>${sign[0]}</span>, ${timeAgo(sign[1], now)}`;
  const why = status !== 'passing' && output !== sign?.[0] && output;
  return html`<li class="${status}">
    ${icon(CHECK_ICONS[status])} ${name} ${status !== 'passing' && html`<strong>${status}</strong>`}
    <span class="sign" data-sign>${seen}</span>${why && html`<span class="why">${why}</span>`}
  </li>`;
}

function details(instance: Instance): Html {
  const { registeredAt, incarnation, ttlMs, protocol, tags, metadata, healthCheckUrl, reportedState } =
    instance;
  const facts: (readonly [string, TemplateValue])[] = [
    ['registered', dateTime(registeredAt)],
    ['process started', incarnation > 0 && dateTime(incarnation)],
    ['lease', ttlMs === undefined ? 'none: it stays until it is taken out' : duration(ttlMs)],
    ['says of itself', reportedState],
    ['protocol', protocol],
    ['tags', tags.length > 0 && tags.join(', ')],
    ['health check', healthCheckUrl !== undefined && link(healthCheckUrl)],
    ...Object.entries(metadata),
  ];
  return html`<details>
    <summary>details<span class="visually-hidden"> of ${instance.instanceId}</span></summary>
    <dl>
      ${facts.map(
        ([term, fact]) =>
          fact !== false &&
          html`<div>
            <dt>${term}</dt>
            <dd>${fact}</dd>
          </div>`,
      )}
    </dl>
  </details>`;
}

/** A registered URL is any text: only http and https URLs become links. */
function link(url: string): TemplateValue {
  return /^https?:\/\//i.test(url) ? html`<a href="${url}" rel="noreferrer noopener">${url}</a>` : url;
}
