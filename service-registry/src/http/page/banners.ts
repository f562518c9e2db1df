import { html, type Html } from './html.ts';
import { icon } from './icons.ts';
import type { PageSnapshot } from './page-snapshot.ts';
import { timeAgo, timeOfDay } from './time.ts';

/** What an operator has to know before believing the rest of the page. */
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
  const text = html`This registry has not read its store since it started: Redis is away. That the list is
  empty does not mean that nobody is there.`;
  return { title: 'Nothing is known yet', text };
}

function staleWarning({ staleSince, at }: PageSnapshot): PageWarning | undefined {
  if (staleSince === undefined) return undefined;
  const text = html`This is what was known ${timeAgo(staleSince, at)}. Until it is back, registrations and
  heartbeats are refused, and nobody is taken out.`;
  return { title: 'Redis is away', text };
}

function selfPreservationWarning({ catalogSnapshot }: PageSnapshot): PageWarning | undefined {
  if (!catalogSnapshot?.selfPreservation.active) return undefined;
  const { expected, renewed, since, until } = catalogSnapshot.selfPreservation;
  const text = html`${expected - renewed} of ${expected} expected heartbeats are missing. That is more likely
  a broken network than so many crashes, so nobody is taken out for being
  silent${since !== undefined && html`: since ${timeOfDay(since)}`}${until !== undefined && html`, until ${timeOfDay(until)} at the latest`}.`;
  return { title: 'The mass-expiry guard is on', text };
}
