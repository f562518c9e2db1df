import type { ChangeKind, ChangeLogEntry } from '../../domain/change-log.ts';
import { html, type Html } from './html.ts';
import { timeAgo } from './time.ts';

const DESCRIPTIONS: Readonly<Record<ChangeKind, (change: ChangeLogEntry) => string>> = {
  registered: () => 'registered',
  superseded: () => 'restarted',
  modified: () => 'says something else of itself',
  declared: ({ from, to }) => `says that it is ${to}${from === undefined ? '' : `, not ${from} any more`}`,
  check: ({ from, to }) => `check went ${from === undefined ? '' : `from ${from} `}to ${to}`,
  override: ({ to }) => `was set to ${to} from outside`,
  'override-ended': () => 'is no longer set from outside',
  expired: () => 'was taken out',
  unregistered: () => 'unregistered',
};

/** One change as the end of a sentence that begins with its instance. */
export function describeChange(change: ChangeLogEntry): string {
  const { kind, reason } = change;
  return `${DESCRIPTIONS[kind](change)}${reason === undefined || reason === '' ? '' : `: ${reason}`}`;
}

export function changeList(changes: readonly ChangeLogEntry[], now: number): Html {
  if (changes.length === 0) return html`<p class="none">Nothing has changed yet.</p>`;
  return html`<ol>
    ${changes.map(
      (change) =>
        html`<li class="${change.kind}">
          ${timeAgo(change.at, now)}
          <span><b>${change.service}</b> <code>${change.instanceId}</code> ${describeChange(change)}</span>
        </li>`,
    )}
  </ol>`;
}
