/** Milliseconds: the registry sends at least one event every 15 s. */
const SILENCE_TIMEOUT_MS = 40_000;
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 10_000;

/** @typedef {[text: string, at: number] | null} LiveValue the last observation of a check, and its time */

/**
 * An update of the page. A `whole` one has a new `table` among its parts.
 * @typedef {object} PageUpdate
 * @property {number} now the registry's clock, in milliseconds since 1970
 * @property {string} title
 * @property {Record<string, string>} parts new contents of elements, by their ids
 * @property {{ service: string, html: string }[]} services headings of services that came or changed
 * @property {{ service: string, key: string, html: string }[]} rows instances that came or changed
 * @property {string[]} gone keys of the instances that went
 * @property {[key: string, lastHeartbeat: number | null, signs: LiveValue[]][]} signs
 * @property {string[]} said what is told to those who cannot see it
 */

/**
 * Reads the registry's stream while the page is open. A browser reconnects by itself after a broken connection, but not
 * after an error response, nor after a timeout.
 * @param {string | undefined} version of the page
 * @param {{ onUpdate: (update: PageUpdate) => void, onLive: () => void, onLost: () => void }} handlers
 */
export function listen(version, { onUpdate, onLive, onLost }) {
  let after = version;
  let retryMs = RETRY_MS;

  function open() {
    const source = new EventSource(after === undefined ? 'page/events' : `page/events?after=${after}`);
    let silence = setTimeout(reconnect, SILENCE_TIMEOUT_MS);

    function reconnect() {
      clearTimeout(silence);
      source.close();
      onLost();
      setTimeout(open, retryMs * (0.5 + Math.random() / 2));
      retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
    }

    /**
     * @param {MessageEvent<string>} event
     */
    function receive(event) {
      clearTimeout(silence);
      silence = setTimeout(reconnect, SILENCE_TIMEOUT_MS);
      after = event.lastEventId;
      onUpdate(JSON.parse(event.data));
    }

    source.addEventListener('open', () => {
      retryMs = RETRY_MS;
      onLive();
    });
    source.addEventListener('whole', receive);
    source.addEventListener('update', receive);
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) reconnect();
      else onLost();
    });
  }

  open();
}
