import { html, type Html } from './html.ts';
import { icon } from './icons.ts';
import type { PageSnapshot } from './page-snapshot.ts';
import { timeAgo, timeOfDay } from './time.ts';

/** Warnings that concern the reliability of the page's data. */
export interface PageWarning {
  readonly title: string;
  readonly text: Html;
}

export function warnings(snapshot: PageSnapshot): PageWarning[] {
  return [notLoadedWarning(snapshot), staleWarning(snapshot), selfPreservationWarning(snapshot)].filter(
    (warning) => warning !== undefined,
  );
}

export function banners(snapshot: PageSnapshot): Html {
  return html`${warnings(snapshot).map(
    ({ title, text }) =>
      html`<div class="banner">
        ${icon('attention')}
        <p><strong>${title}.</strong> ${text}</p>
      </div>`,
  )}`;
}

function notLoadedWarning({ catalogSnapshot }: PageSnapshot): PageWarning | undefined {
  if (catalogSnapshot !== undefined) return undefined;
  const text = html`Redis has been away since this registry started. The list is empty because it could not be
  read, not because no instance is registered.`;
  return { title: 'No data yet', text };
}

function staleWarning({ staleSince, at }: PageSnapshot): PageWarning | undefined {
  if (staleSince === undefined) return undefined;
  const text = html`This list was last read ${timeAgo(staleSince, at)}. Until Redis is back, registrations and
  heartbeats are rejected, and no instance is removed.`;
  return { title: 'Redis is away', text };
}

function selfPreservationWarning({ catalogSnapshot }: PageSnapshot): PageWarning | undefined {
  if (!catalogSnapshot?.selfPreservation.active) return undefined;
  const { expected, renewed, since, until } = catalogSnapshot.selfPreservation;
  const text = html`${expected - renewed} of ${expected} expected heartbeats are missing. A broken network is
  more likely than so many crashes, so no instance is removed for missing
  heartbeats${since !== undefined && html`: since ${timeOfDay(since)}`}${until !== undefined && html`, until ${timeOfDay(until)} at the latest`}.`;
  return { title: 'Self-preservation is active', text };
}
