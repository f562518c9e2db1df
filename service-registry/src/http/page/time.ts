import { relativeTime } from '../../../assets/relative-time.js';
import { html, type Html } from './html.ts';

/** The age, which the page's script keeps up to date; the time itself is the tooltip. */
export function timeAgo(at: number, now: number): Html {
  const iso = toIsoString(at);
  return html`<time datetime="${iso}" title="${iso}" data-ago>${relativeTime(now - at)}</time>`;
}

/** A time of day in UTC. */
export function timeOfDay(at: number): Html {
  const iso = toIsoString(at);
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(11, 19)} UTC</time>`;
}

/** A date and time in UTC. */
export function dateTime(at: number): Html {
  const iso = toIsoString(at);
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/** For people: `15 s`, `5 min`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

const MAX_TIMESTAMP = 8_640_000_000_000_000;

/** The start time of a process comes from the client, and may be any number. */
function toIsoString(at: number): string {
  return new Date(Math.min(Math.max(at, 0), MAX_TIMESTAMP)).toISOString();
}
