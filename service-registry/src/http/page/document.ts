import { matchesAll, parseQuery } from '../../../assets/search.js';
import type { Assets } from './assets.ts';
import { renderParts, createRowRenderer } from './page-diff.ts';
import { Html, html } from './html.ts';
import { SPRITE } from './icons.ts';
import { searchText } from './instance-row.ts';
import { snapshotCatalog, type PageSnapshot } from './page-snapshot.ts';
import { groupByService, serviceTable, type ServiceGroup } from './service-table.ts';
import { pageTitle } from './summary.ts';
import { timeOfDay } from './time.ts';

export interface PageOptions {
  readonly snapshot: PageSnapshot;
  /** The version from which the stream continues. */
  readonly version: string;
  /** The search text; only matching instances are on the page. */
  readonly query: string;
  /** Whether a browser without JavaScript reloads the page. */
  readonly reload: boolean;
  readonly asset: Assets['url'];
}

const RELOAD_SECONDS = 10;

/** The whole page. It is complete without JavaScript; page.js keeps it up to date. */
export function renderPage({ snapshot, version, query, reload, asset }: PageOptions): string {
  const { banners, changes, summary } = renderParts(snapshot);
  const words = parseQuery(query);
  const groups = groupByService(
    snapshotCatalog(snapshot),
    words.length === 0 ? undefined : (instance) => matchesAll(searchText(instance), words),
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${pageTitle(snapshotCatalog(snapshot))}</title>
        <link rel="icon" type="image/svg+xml" href="${asset('icon.svg')}" />
        <link rel="stylesheet" href="${asset('page.css')}" />
        <script type="module" src="${asset('page.js')}"></script>
        ${reload && html`<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}" /></noscript>`}
      </head>
      <body data-now="${snapshot.at}" data-version="${query === '' && version}">
        ${SPRITE}
        <a class="skip" href="#services">Skip to the services</a>
        <header>
          <h1>Plaza registry</h1>
          <p id="live">As of ${timeOfDay(snapshot.at)}</p>
          ${searchForm(query)}
        </header>
        <noscript>${reloadNote(query, reload)}</noscript>
        <div id="banners">${new Html(banners)}</div>
        <main>
          <section id="summary" aria-label="Summary">${new Html(summary)}</section>
          <section id="services" aria-label="Services" tabindex="-1">
            <p id="found" role="status">${query !== '' && searchResult(query, groups)}</p>
            <div id="table">${serviceTable(groups, createRowRenderer(snapshot))}</div>
            ${emptyState(snapshotCatalog(snapshot).services.size === 0 && snapshot.catalogSnapshot !== undefined)}
          </section>
          <section aria-labelledby="changes-title">
            <h2 id="changes-title">Recent changes</h2>
            <div id="changes">${new Html(changes)}</div>
          </section>
        </main>
        <footer>
          <nav aria-label="For machines">
            <a href="services">Services as JSON</a> <a href="docs">API</a> <a href="health">Health</a>
            <a href="metrics">Metrics</a>
          </nav>
        </footer>
        <p id="said" class="visually-hidden" aria-live="polite"></p>
      </body>
    </html>`.text;
}

function searchForm(query: string): Html {
  return html`<form role="search" action="./" method="get">
    <label for="q" class="visually-hidden">Search instances</label>
    <input
      type="search"
      id="q"
      name="q"
      value="${query}"
      maxlength="200"
      placeholder="Search, or state:down"
      autocomplete="off"
      spellcheck="false"
      aria-keyshortcuts="/"
    />
    <button>Search</button>
  </form>`;
}

function searchResult(query: string, groups: readonly ServiceGroup[]): Html {
  const count = groups.flatMap(({ shown }) => shown).length;
  const matches = count === 1 ? '1 instance matches' : `${count === 0 ? 'No' : count} instances match`;
  return html`${matches} “${query}”. <a href="./">Show all</a>`;
}

function emptyState(shown: boolean): Html {
  return html`<div id="empty" ${!shown && new Html('hidden')}>
    <p>No instance is registered yet. A service registers itself when it starts. To register one by hand:</p>
    <pre><code>curl -X POST localhost:4000/register -H 'Content-Type: application/json' \\
${INDENT}-H "Authorization: Bearer $REGISTRY_TOKEN" \\
${INDENT}-d '{"serviceName":"hello","serviceUrl":"http://localhost:8080"}'</code></pre>
  </div>`;
}

const INDENT = '  ';

function reloadNote(query: string, reload: boolean): Html {
  const q = query === '' ? {} : { q: query };
  const other = new URLSearchParams(reload ? { ...q, reload: 'off' } : q);
  const link = (text: string) => html`<a href="./?${String(other)}">${text}</a>`;
  return reload
    ? html`<p class="note">This page reloads every ${RELOAD_SECONDS} s. ${link('Stop reloading')}</p>`
    : html`<p class="note">This page does not reload. ${link(`Reload every ${RELOAD_SECONDS} s`)}</p>`;
}
