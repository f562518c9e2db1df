import type { ChangeKind, ChangeLogEntry } from '../../domain/change-log.ts';
import { html, type Html } from './html.ts';
import { timeAgo } from './time.ts';

const DESCRIPTIONS: Readonly<Record<ChangeKind, (change: ChangeLogEntry) => string>> = {
  registered: () => 'registered',
  superseded: () => 'restarted',
  modified: () => 'changed its definition',
  declared: ({ from, to }) => `reports ${to}${from === undefined ? '' : ` instead of ${from}`}`,
  check: ({ from, to }) => `check changed ${from === undefined ? '' : `from ${from} `}to ${to}`,
  override: ({ to }) => `has the override ${to}`,
  'override-ended': () => 'has no override any more',
  expired: () => 'expired',
  unregistered: () => 'unregistered',
};

/** A change as the predicate of a sentence whose subject is the instance. */
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
