import { isLate, relativeTime } from './relative-time.js';
import { byId, fragment } from './dom.js';
import { parseQuery } from './search.js';
import { listen } from './update-stream.js';
import { createTable } from './table.js';

/** @import { PageUpdate } from './update-stream.js' */

const MAX_ANNOUNCEMENTS = 3;

const table = createTable();
const live = byId('live');
const found = byId('found');
const search = searchField();

/** Milliseconds by which the registry's clock is ahead of the browser's. */
let clockOffset = Number(document.body.dataset['now']) - Date.now();

/**
 * @param {PageUpdate} update
 */
function apply({ now, title, parts, services, rows, gone, signs, said }) {
  clockOffset = now - Date.now();
  document.title = title;
  for (const [id, html] of Object.entries(parts)) {
    if (id === 'table') table.replace(html);
    else byId(id).replaceChildren(fragment(html));
  }
  for (const { service, html } of services) table.setHeading(service, html);
  for (const { service, key, html } of rows) table.setRow(service, key, html);
  for (const key of gone) table.removeRow(key);
  for (const [key, lastHeartbeat, checks] of signs) table.setLiveValues(key, lastHeartbeat, checks);
  byId('empty').hidden = !table.isEmpty();
  if (parts['table'] !== undefined || rows.length > 0 || gone.length > 0) filter();
  tick();
  announce(said);
}

function searchField() {
  const field = byId('q');
  if (!(field instanceof HTMLInputElement)) throw new Error('The search is no field.');
  return field;
}

/** Updates all ages, and marks overdue heartbeats. */
function tick() {
  const now = Date.now() + clockOffset;
  for (const time of document.querySelectorAll('time[data-ago]')) {
    const age = now - Date.parse(time.getAttribute('datetime') ?? '');
    const text = relativeTime(age);
    if (time.textContent !== text) time.textContent = text;
    const cell = time.closest('[data-lease]');
    cell
      ?.querySelector('strong')
      ?.toggleAttribute('hidden', !isLate(age, Number(cell.getAttribute('data-lease'))));
  }
}

function filter() {
  const query = search.value.trim();
  const { shown, all } = table.filter(parseQuery(query));
  const text = query === '' ? '' : `${shown} of ${all} instances match “${query}”. `;
  if (found.firstChild?.textContent === text) return;
  found.replaceChildren(text, ...(query === '' ? [] : [fragment('<a href="./">Show all</a>')]));
}

/**
 * @param {string} query
 */
function searchFor(query) {
  if (search.value !== query) search.value = query;
  history.replaceState(null, '', query.trim() === '' ? './' : `./?q=${encodeURIComponent(query.trim())}`);
  filter();
}

/**
 * @param {readonly string[]} said
 */
function announce(said) {
  if (said.length === 0) return;
  const more = said.length > MAX_ANNOUNCEMENTS ? ` And ${said.length - MAX_ANNOUNCEMENTS} more changes.` : '';
  byId('said').textContent = said.slice(0, MAX_ANNOUNCEMENTS).join(' ') + more;
}

/**
 * @param {'live' | 'lost'} state
 */
function show(state) {
  if (live.dataset['state'] === state) return;
  const time = new Date(Date.now() + clockOffset).toISOString().slice(11, 19);
  live.dataset['state'] = state;
  live.textContent = state === 'live' ? 'Live' : `Connection lost: as of ${time} UTC`;
  announce([state === 'live' ? 'The page is live.' : 'The connection to the registry is lost.']);
}

// Each input searches at once; a submit moves to the results.
search.form?.addEventListener('submit', (event) => {
  event.preventDefault();
  byId('services').focus();
});
search.addEventListener('input', () => searchFor(search.value));
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLInputElement;
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.focus();
  search.select();
});
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href^="./"]') : null;
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  searchFor(new URL(link.href).searchParams.get('q') ?? '');
  search.focus();
});

if (search.value !== '') filter();
setInterval(tick, 1_000);
listen(document.body.dataset['version'] || undefined, {
  onUpdate: apply,
  onLive: () => show('live'),
  onLost: () => show('lost'),
});
