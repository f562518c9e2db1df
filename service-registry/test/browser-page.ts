/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { startBrowser } from '@plaza/local-stack/testing';

type Browser = Awaited<ReturnType<typeof startBrowser>>;
type Page = Awaited<ReturnType<Browser['newPage']>>;

export interface BrowserPage {
  readonly page: Page;
  /** What the console said, what a script threw, and what the policy forbade. */
  readonly errors: readonly string[];
  /** Waits until the page shows that it is live. */
  live(): Promise<void>;
  /** Waits until it shows that it is not. */
  lost(): Promise<void>;
  /** The contrast of every text that can be seen against what is behind it, as WCAG computes it. */
  contrasts(): Promise<{ text: string; ratio: number }[]>;
  close(): Promise<void>;
}

/** Opens a page in a context of its own. */
export async function openBrowserPage(
  browser: Browser,
  url: string,
  options: NonNullable<Parameters<Browser['newContext']>[0]> = {},
): Promise<BrowserPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  return {
    page,
    errors,
    live: () => page.locator('#live[data-state="live"]').waitFor(),
    lost: () => page.locator('#live[data-state="lost"]').waitFor(),
    contrasts: () => page.evaluate(measureContrasts),
    close: () => context.close(),
  };
}

/** Runs in the browser. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function measureContrasts(): { text: string; ratio: number }[] {
  const channels = (colour: string) => [...colour.matchAll(/[\d.]+/g)].map(Number);
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = channels(colour)
      .slice(0, 3)
      .map((channel) => channel / 255)
      .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element: Element | null): string => {
    if (element === null) return 'rgb(255, 255, 255)';
    const colour = getComputedStyle(element).backgroundColor;
    return channels(colour)[3] === 0 ? behind(element.parentElement) : colour;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const measured = [];
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const element = node.parentElement;
    if (element === null || !node.textContent?.trim() || !element.checkVisibility()) continue;
    const [one = 0, other = 0] = [getComputedStyle(element).color, behind(element)]
      .map(luminance)
      .sort((a, b) => b - a);
    measured.push({ text: node.textContent.trim().slice(0, 40), ratio: (one + 0.05) / (other + 0.05) });
  }
  return measured;
}
