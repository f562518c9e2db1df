/// <reference lib="dom" />
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startBrowser, startRedis, testRedis } from '@plaza/local-stack/testing';
import { openBrowserPage, type BrowserPage } from './browser-page.ts';
import { startFakeInstance, respondWithStatus } from './fake-instance.ts';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

let browser: Awaited<ReturnType<typeof startBrowser>>;
let registry: TestRegistry;
let opened: BrowserPage | undefined;

beforeAll(async () => {
  browser = await startBrowser();
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url, PROBE_EVERY_MS: '50' });
}, 60_000);
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});
afterAll(async () => {
  await browser.close();
  await registry.stop();
});

async function open(path = '', options: Parameters<typeof openBrowserPage>[2] = {}): Promise<BrowserPage> {
  opened = await openBrowserPage(browser, `${registry.url}/${path}`, options);
  return opened;
}

const row = (id: string) => `[data-key="${id}"]`;

describe('live', () => {
  test('an added, changed and removed instance is shown without a reload', async () => {
    const { page, live, errors } = await open();
    await live();
    await page.evaluate(() => Object.assign(window, { stayed: true }));

    await registry.register(createRegistrationBody('lively', 3001, { version: '1.0.0' })).expect(200);
    const instance = page.locator(row('lively/localhost:3001'));
    await instance.waitFor();
    expect(await page.locator('[data-service="lively"] .count').textContent()).toBe('1 instance, up');
    expect(await page.locator('#said').textContent()).toBe('lively localhost:3001 registered.');

    await registry
      .register(createRegistrationBody('lively', 3001, { version: '2.0.0', state: 'draining' }))
      .expect(200);
    await instance.getByText('2.0.0').waitFor();
    expect(await instance.locator('.state').innerText()).toBe(' draining');
    expect(await page.locator('#changes li').first().innerText()).toContain('lively localhost:3001');

    await registry.http.delete('/unregister/lively').expect(200);
    await instance.waitFor({ state: 'detached' });
    expect(await page.locator('[data-service="lively"]').count()).toBe(0);
    expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
    expect(errors).toEqual([]);
  });

  test('rows stay sorted, opened details stay open, and the focus stays', async () => {
    await registry.register(createRegistrationBody('sorted', 3005, { instanceId: 'b' })).expect(200);
    const { page, live } = await open();
    await live();
    const summary = page.locator(`${row('sorted/b')} summary`);
    await summary.click();
    await summary.focus();

    for (const instanceId of ['c', 'a'])
      await registry.register(createRegistrationBody('sorted', 3001, { instanceId }));
    await registry.register(createRegistrationBody('sorted', 3005, { instanceId: 'b', version: 'changed' }));
    await page.locator(row('sorted/b')).getByText('changed').waitFor();
    await page.locator(row('sorted/a')).waitFor();

    const keys = await page
      .locator('[data-service="sorted"] [data-key]')
      .evaluateAll((rows) => rows.map((element) => element.getAttribute('data-key')));
    expect(keys).toEqual(['sorted/a', 'sorted/b', 'sorted/c']);
    expect(await page.locator(`${row('sorted/b')} details`).getAttribute('open')).not.toBeNull();
    expect(await summary.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test('the ages of heartbeats and probes are updated', async () => {
    const probed = await startFakeInstance();
    const body = createRegistrationBody('beating', 3001, { healthCheckUrl: `${probed.url}/health` });
    await registry.register(body).expect(200);
    const { page, live } = await open();
    await live();
    const heartbeat = page.locator(`${row('beating/localhost:3001')} [data-heartbeat] time`);
    const check = page.locator(`${row('beating/localhost:3001')} .checks`);
    const first = await heartbeat.getAttribute('datetime');
    await eventually(async () => expect(await heartbeat.textContent()).toMatch(/^[1-9]\d* s ago$/));
    await eventually(async () =>
      expect(await check.innerText()).toMatch(/^ Health HTTP 200 in \d+ ms, \d+ s ago$/),
    );
    await registry.register(body).expect(200);
    await eventually(async () => expect(await heartbeat.getAttribute('datetime')).not.toBe(first));

    probed.setBehaviour(respondWithStatus(503));
    await check.getByText('critical').waitFor();
    expect(await page.locator(`${row('beating/localhost:3001')} .state`).innerText()).toBe(' down');
    expect(await page.title()).toBe('1 down · Plaza registry');
    await registry.http.delete('/unregister/beating').expect(200);
    await probed.close();
  });

  test('shows when many heartbeats are missing, and when they are back', async () => {
    const ports = [4001, 4002, 4003, 4004];
    const beat = () =>
      Promise.all(
        ports.map((port) => registry.register(createRegistrationBody('silent', port, { ttlMs: 3_000 }))),
      );
    await beat();
    const { page, live } = await open();
    await live();
    const banner = page.locator('.banner').getByText('Self-preservation is active.');
    await banner.waitFor();
    expect(await page.locator('#said').textContent()).toContain('Self-preservation is active.');
    expect(await page.locator('.banner').innerText()).toMatch(/4 of \d+ expected heartbeats are missing/);
    await page
      .locator(`${row('silent/localhost:4001')} [data-heartbeat]`)
      .getByText('late')
      .waitFor();
    await beat();
    await banner.waitFor({ state: 'detached' });
    for (const port of ports) await registry.http.delete(`/unregister/silent?instanceId=localhost:${port}`);
  });
});

test('shows that Redis is away, keeps its data, and continues after its return', async () => {
  const redis = await startRedis();
  const alone = await startRegistry({ REDIS_URL: redis.url });
  await alone.register(createRegistrationBody('kept', 3001)).expect(200);
  const { page, live, close } = await openBrowserPage(browser, `${alone.url}/`);
  await live();
  await redis.stop();
  await page.locator('.banner').getByText('Redis is away.').waitFor();
  expect(await page.locator('.banner').innerText()).toMatch(/This list was last read \d+ s ago\./);
  expect(await page.locator(row('kept/localhost:3001')).count()).toBe(1);
  await redis.start();
  await page.locator('.banner').waitFor({ state: 'detached' });
  await close();
  await alone.stop();
  await redis.stop();
});

test('viewers reconnect to a restarted registry and see the changes', async () => {
  const env = { REDIS_URL: (await testRedis()).url };
  const first = await startRegistry(env);
  const { page, live, lost, close } = await openBrowserPage(browser, `${first.url}/`);
  await live();
  await first.stop();
  await lost();
  expect(await page.locator('#live').textContent()).toMatch(/^Connection lost: as of \d\d:\d\d:\d\d UTC$/);

  const again = await startRegistry({ ...env, PORT: new URL(first.url).port });
  await again.register(createRegistrationBody('anew', 3001)).expect(200);
  await page.locator(row('anew/localhost:3001')).waitFor();
  await live();
  await close();
  await again.stop();
});

describe('search', () => {
  beforeAll(async () => {
    await registry.register(createRegistrationBody('apples', 3001, { version: '1.5.0' })).expect(200);
    await registry.register(createRegistrationBody('apples', 3002, { state: 'draining' })).expect(200);
    await registry.register(createRegistrationBody('pears', 3001)).expect(200);
  });

  const shown = ({ page }: BrowserPage) =>
    page
      .locator('[data-key]:visible')
      .evaluateAll((rows) => rows.map((element) => element.getAttribute('data-key')));

  test('works without JavaScript, by a form', async () => {
    const without = await open('', { javaScriptEnabled: false });
    await without.page.getByRole('searchbox').fill('apples');
    await without.page.getByRole('button', { name: 'Search' }).click();
    await without.page.getByText('2 instances match “apples”.').waitFor();
    expect(await shown(without)).toEqual(['apples/localhost:3001', 'apples/localhost:3002']);
    await without.page.getByRole('link', { name: 'Show all' }).click();
    await eventually(async () => expect(await shown(without)).toContain('pears/localhost:3001'));
  });

  test('searches with each input, also in new rows, and the URL keeps the text', async () => {
    const opened = await open();
    await opened.live();
    await opened.page.getByRole('searchbox').pressSequentially('apples 1.5');
    expect(await shown(opened)).toEqual(['apples/localhost:3001']);
    expect(await opened.page.locator('#found').innerText()).toMatch(
      /^1 of \d+ instances match “apples 1.5”. Show all$/,
    );

    await registry
      .register(createRegistrationBody('pears', 3009, { metadata: { like: 'apples-1.5' } }))
      .expect(200);
    await opened.page.locator(row('pears/localhost:3009')).waitFor();
    expect(await shown(opened)).toEqual(['apples/localhost:3001', 'pears/localhost:3009']);

    await opened.page.reload();
    await opened.live();
    expect(await shown(opened)).toEqual(['apples/localhost:3001', 'pears/localhost:3009']);
    await opened.page.getByRole('link', { name: 'Show all' }).click();
    expect(await shown(opened)).toContain('pears/localhost:3001');
    expect(opened.errors).toEqual([]);
  });

  test('a submit moves to the results', async () => {
    const { page, live } = await open();
    await live();
    await page.getByRole('searchbox').fill('apples');
    await page.getByRole('button', { name: 'Search' }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('services');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    expect(focused).toBe('details of localhost:3001');
  });

  test('a state of the summary links to its instances', async () => {
    const opened = await open();
    await opened.live();
    await opened.page.getByRole('link', { name: /draining$/ }).click();
    expect(await shown(opened)).toContain('apples/localhost:3002');
    expect(await shown(opened)).not.toContain('apples/localhost:3001');
  });
});

test('without JavaScript it is a table with its time', async () => {
  await registry.register(createRegistrationBody('plain', 3001)).expect(200);
  const { page } = await open('', { javaScriptEnabled: false });
  const cells = page
    .getByRole('row', { name: /localhost:3001/ })
    .filter({ has: page.locator('xpath=self::*[@data-key="plain/localhost:3001"]') });
  expect(await cells.getByRole('cell').first().innerText()).toBe(' up');
  expect(await page.getByRole('columnheader').allInnerTexts()).toEqual([
    'State',
    'Instance',
    'Version',
    'Weight',
    'Last heartbeat',
    'Checks',
  ]);
  expect(await page.locator('#live').innerText()).toMatch(/^As of \d\d:\d\d:\d\d UTC$/);
  expect(await page.locator('.note').innerText()).toContain('This page reloads every 10 s.');
});

test('is usable by keyboard alone', async () => {
  await registry.register(createRegistrationBody('keyed', 3001)).expect(200);
  const { page, live } = await open();
  await live();
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');

  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the services');
  expect(
    await page.locator('.skip').evaluate((link) => link.getBoundingClientRect().top),
  ).toBeGreaterThanOrEqual(0);
  const outline = await page.locator('.skip').evaluate((link) => getComputedStyle(link).outlineStyle);
  expect(outline).toBe('solid');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await focused()).toMatch(/^details of /);
  await page.keyboard.press('Enter');
  expect(await page.locator('details[open]').count()).toBe(1);

  await page.keyboard.press('/');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('q');
  await page.keyboard.type('keyed/');
  expect(await page.getByRole('searchbox').inputValue()).toBe('keyed/');
});

test('a registered value stays text', async () => {
  const hostile = `"><img src=x onerror="window.broken=1"><script>window.broken=1</script>`;
  const { page, live, errors } = await open();
  await live();
  const body = { version: hostile.slice(0, 64), tags: [], metadata: { note: hostile } };
  await registry.register(createRegistrationBody('hostile', 3001, body)).expect(200);
  await page.locator(row('hostile/localhost:3001')).waitFor();
  expect(await page.locator(`${row('hostile/localhost:3001')} [data-label="Version"]`).innerText()).toBe(
    hostile.slice(0, 64),
  );
  await page.reload();
  await live();
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect(await page.evaluate(() => 'broken' in window)).toBe(false);
  expect(errors).toEqual([]);
});

describe('the layout', () => {
  beforeAll(async () => {
    const long = {
      instanceId: 'i'.repeat(128),
      version: 'v'.repeat(64),
      metadata: { ['m'.repeat(100)]: 'x'.repeat(400) },
    };
    await registry
      .register(createRegistrationBody('s'.repeat(63), 3001, { ...long, state: 'down' }))
      .expect(200);
    await registry.register(createRegistrationBody('mixed', 3001, { state: 'draining' })).expect(200);
  });

  test.each([320, 768, 1_280])('at %i px there is no horizontal scrolling', async (width) => {
    const { page, live } = await open('', { viewport: { width, height: 640 } });
    await live();
    for (const summary of await page.locator('summary').all()) await summary.click();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });

  test.each([1_000, 1_280, 1_600])('at %i px an address is on one line', async (width) => {
    await registry.register(
      createRegistrationBody('addressed', 3001, { serviceUrl: 'http://172.18.100.12:3001' }),
    );
    const { page, live } = await open('?q=addressed', { viewport: { width, height: 640 } });
    await live();
    const lines = await page.locator(`${row('addressed/172.18.100.12:3001')} .url`).evaluate((address) => {
      const { height } = address.getBoundingClientRect();
      return height / Number.parseFloat(getComputedStyle(address).lineHeight);
    });
    expect(Math.round(lines)).toBe(1);
  });

  test('each control is large enough for a finger', async () => {
    const { page, live } = await open('', { viewport: { width: 320, height: 640 } });
    await live();
    const heights = await page
      .locator('input, button, summary, #summary a, footer a')
      .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().height));
    expect(heights.length).toBeGreaterThan(8);
    // https://www.w3.org/TR/WCAG22/#target-size-minimum
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(24);
  });

  test.each(['light', 'dark'] as const)(
    'in %s colours all text has the contrast of WCAG AA',
    async (colorScheme) => {
      const { page, live, contrasts } = await open('', { colorScheme });
      await live();
      for (const summary of await page.locator('summary').all()) await summary.click();
      const measured = await contrasts();
      expect(measured.length).toBeGreaterThan(50);
      expect(measured.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(dark).toBe(colorScheme === 'dark' ? 'rgb(20, 23, 27)' : 'rgb(246, 247, 248)');
    },
  );

  test('each state has its own word and shape', async () => {
    const { page, live } = await open('?q=state:');
    await live();
    const shapes = await page
      .locator('.state')
      .evaluateAll((cells) =>
        cells.map((cell) => `${cell.textContent?.trim()} ${cell.querySelector('use')?.getAttribute('href')}`),
      );
    expect(new Set(shapes)).toEqual(new Set(['up #up', 'draining #draining', 'down #down']));
  });
});

test('a thousand instances are shown, searched and updated', async () => {
  const many = await startRegistry({ REDIS_URL: (await testRedis()).url });
  const ports = Array.from({ length: 1_000 }, (_, at) => 10_000 + at);
  for (let at = 0; at < ports.length; at += 100)
    await Promise.all(
      ports
        .slice(at, at + 100)
        .map((port) => many.register(createRegistrationBody(`many-${port % 5}`, port)).expect(200)),
    );
  const { page, live, errors, close } = await openBrowserPage(browser, `${many.url}/`);
  await live();
  expect(await page.locator('[data-key]').count()).toBe(1_000);
  await page.getByRole('searchbox').fill('10999');
  expect(await page.locator('[data-key]:visible').count()).toBe(1);
  await page.getByRole('searchbox').fill('');
  await many.http.delete('/unregister/many-4?instanceId=localhost:10999').expect(200);
  await page.locator(row('many-4/localhost:10999')).waitFor({ state: 'detached' });
  expect(await page.locator('[data-service="many-4"] .count').innerText()).toBe('199 instances, all up');
  expect(errors).toEqual([]);
  await close();
  await many.stop();
});
