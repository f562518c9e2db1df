import { byId, createElement, fragment } from './dom.js';
import { matchesAll } from './search.js';

/** @import { LiveValue } from './update-stream.js' */

/**
 * The instances as rows by key, grouped by service, both in the registry's order.
 */
export function createTable() {
  const holder = byId('table');
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  /** @type {Map<string, HTMLElement>} */
  const groups = new Map();

  function find() {
    rows.clear();
    groups.clear();
    for (const row of holder.querySelectorAll('tr'))
      if (row.dataset['key']) rows.set(row.dataset['key'], row);
    for (const group of holder.querySelectorAll('tbody')) groups.set(group.dataset['service'] ?? '', group);
  }

  /**
   * @param {string} service
   */
  function groupOf(service) {
    const known = groups.get(service);
    if (known) return known;
    const group = document.createElement('tbody');
    group.setAttribute('role', 'rowgroup');
    group.dataset['service'] = service;
    groups.set(service, group);
    const later = [...holder.querySelectorAll('tbody')].find(
      ({ dataset }) => (dataset['service'] ?? '') > service,
    );
    if (later) later.before(group);
    else holder.querySelector('table')?.append(group);
    return group;
  }

  find();
  return {
    isEmpty: () => rows.size === 0,

    /**
     * @param {string} html
     */
    replace(html) {
      const open = [...rows].filter(([, row]) => row.querySelector('details')?.open).map(([key]) => key);
      holder.replaceChildren(fragment(html));
      find();
      for (const key of open) rows.get(key)?.querySelector('details')?.setAttribute('open', '');
    },

    /**
     * @param {string} service
     * @param {string} html
     */
    setHeading(service, html) {
      const group = groupOf(service);
      group.querySelector('.service')?.remove();
      group.prepend(createElement(html));
    },

    /**
     * @param {string} service
     * @param {string} key
     * @param {string} html
     */
    setRow(service, key, html) {
      const row = createElement(html);
      row.classList.add('changed');
      const old = rows.get(key);
      rows.set(key, row);
      if (old) replaceRow(old, row);
      else insertRow(groupOf(service), key, row);
    },

    /**
     * @param {string} key
     */
    removeRow(key) {
      const row = rows.get(key);
      const group = row?.closest('tbody');
      row?.remove();
      rows.delete(key);
      if (group?.querySelector('[data-key]') !== null) return;
      group.remove();
      groups.delete(group.dataset['service'] ?? '');
    },

    /**
     * @param {string} key
     * @param {number | null} lastHeartbeat
     * @param {readonly LiveValue[]} signs
     */
    setLiveValues(key, lastHeartbeat, signs) {
      const row = rows.get(key);
      const heartbeat = row?.querySelector('[data-heartbeat] time');
      if (lastHeartbeat !== null && heartbeat) setTime(heartbeat, lastHeartbeat);
      row?.querySelectorAll('[data-sign]').forEach((element, at) => setLiveValue(element, signs[at] ?? null));
    },

    /**
     * Shows the rows that match all words; returns their number and the total.
     * @param {readonly string[]} words
     */
    filter(words) {
      let shown = 0;
      for (const row of rows.values()) {
        row.hidden = !matchesAll(row.dataset['find'] ?? '', words);
        if (!row.hidden) shown += 1;
      }
      for (const group of groups.values())
        group.hidden = group.querySelector('[data-key]:not([hidden])') === null;
      return { shown, all: rows.size };
    },
  };
}

/**
 * Keeps opened details open and the focus in place.
 * @param {HTMLElement} old
 * @param {HTMLElement} row
 */
function replaceRow(old, row) {
  const open = old.querySelector('details')?.open;
  const focused = old.contains(document.activeElement);
  old.replaceWith(row);
  if (open) row.querySelector('details')?.setAttribute('open', '');
  if (focused) row.querySelector('summary')?.focus();
}

/**
 * @param {HTMLElement} group
 * @param {string} key
 * @param {HTMLElement} row
 */
function insertRow(group, key, row) {
  const others = [...group.querySelectorAll('tr')];
  const later = others.find(({ dataset }) => dataset['key'] !== undefined && dataset['key'] > key);
  if (later) later.before(row);
  else group.append(row);
}

/**
 * @param {Element} element
 * @param {LiveValue} sign
 */
function setLiveValue(element, sign) {
  if (sign === null) {
    element.replaceChildren('not seen yet');
    return;
  }
  const text = document.createElement('span');
  text.textContent = sign[0];
  const time = document.createElement('time');
  time.dataset['ago'] = '';
  setTime(time, sign[1]);
  element.replaceChildren(text, ', ', time);
}

/**
 * @param {Element} time
 * @param {number} at
 */
function setTime(time, at) {
  const iso = new Date(at).toISOString();
  time.setAttribute('datetime', iso);
  time.setAttribute('title', iso);
}
