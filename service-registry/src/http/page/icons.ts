import { html, type Html } from './html.ts';

/** Shapes that differ also without colour. */
export const SPRITE = html`<svg hidden>
  <symbol id="up" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5" /></symbol>
  <symbol id="draining" viewBox="0 0 16 16">
    <path d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2a4 4 0 0 1 0 8Z" fill-rule="evenodd" />
  </symbol>
  <symbol id="down" viewBox="0 0 16 16">
    <path d="m3.2 5 1.8-1.8 3 3 3-3L12.800 5l-3 3 3 3-1.800 1.800-3-3-3 3L3.200 11l3-3Z" />
  </symbol>
  <symbol id="attention" viewBox="0 0 16 16">
    <path
      d="M8 1.500 15.200 14H.8Zm-.9 4.700.2 4h1.400l.2-4Zm.9 4.900a.9.9 0 1 0 0 1.800.9.9 0 0 0 0-1.800Z"
      fill-rule="evenodd"
    />
  </symbol>
</svg>`;

export type Icon = 'up' | 'draining' | 'down' | 'attention';

/** Decorative: the word beside it says the same. */
export function icon(name: Icon): Html {
  return html`<svg class="icon ${name}" aria-hidden="true" focusable="false"><use href="#${name}" /></svg>`;
}
