// What all tests in a browser share: Chromium, a page that must not fail, and questions to it.
// Skipped with a line where there is no Chromium or the packages of package.json are not installed; `.ci/page-tests` installs both.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { logitField } from '../../src/page/js/field.js';
import { logits, sigmoid } from '../../src/page/js/network.js';
import { boundaryLine } from '../../src/page/js/picture.js';

const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const playwright = await import('playwright-core').catch(() => null);
/// The folder of runs whose pages are opened, each in a folder of its own.
export const reports = process.env.PETAL_REPORTS;
export const skip = !executablePath || !playwright;
if (skip && reports) throw new Error('PETAL_REPORTS needs Chromium, and `npm install` in tests/page');
if (skip) console.log('browser tests skipped: no Chromium, or `npm install` in tests/page was not run');

let launched = null;

export async function close() {
  await (await launched)?.close();
}

/// Opens a page from a file, runs the steps, and fails on any error, message or request.
export const openPage = (file, steps, { hash = '', ...options } = {}) => openUrl(pathToFileURL(file).href + hash, steps, options);

/// Opens an address. Requests may only go to `origin`, which may be a list, and messages are problems unless `expected` matches them.
export async function openUrl(url, steps, { origin = null, expected = null, more: _, ...options } = {}) {
  launched ??= playwright.chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const context = await (await launched).newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on('console', message => { if (!expected?.test(message.text())) problems.push(message.text()); });
  page.on('pageerror', error => problems.push(error.stack));
  page.on('dialog', dialog => problems.push(`dialog ${dialog.message()}`));
  page.on('request', request => { if (!/^(file|data|blob):/.test(request.url()) && ![origin ?? []].flat().some(one => request.url().startsWith(`${one}/`))) problems.push(request.url()); });
  await page.goto(url);
  try {
    await steps(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(problems, []);
}

export const browserTest = (name, body, skipped = false) => test(name, { skip: skip || skipped }, body);
/// Waits until what was asked for is drawn. What comes into sight is noticed after a frame, and drawn in the one after the next.
export const drawn = page => page.evaluate(async () => { for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame); });
export const updateOf = page => page.evaluate(() => petal.view().update);
/// How many pixels of the page are beyond the right edge of the window.
export const widthCutOff = page => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));

/// The line of the threshold passes where the probability is the threshold. Values of the network are compared, not pixels.
export async function assertOnContour(page, atLeast = 400) {
  const view = await page.evaluate(() => {
    const { folded, network, plane, window, threshold } = petal.view();
    const copy = one => ({ ...one, values: [...one.values] });
    return { folded: copy(folded), network: copy(network), plane: { origin: [...plane.origin], directions: [...plane.directions] }, window, threshold };
  });
  const whole = one => ({ ...one, values: Float64Array.from(one.values) });
  const [folded, network] = [whole(view.folded), whole(view.network)];
  const { window: { x, y }, plane: { origin, directions }, threshold } = view;
  const side = 200;
  const lines = boundaryLine({ ...view, folded }, logitField(folded, view.window, side), side);
  assert.ok(lines.length >= atLeast, `${lines.length} numbers`);
  for (let i = 0; i < lines.length; i += 2) {
    const [u, v] = [x[0] + ((x[1] - x[0]) * lines[i]) / (side - 1), y[1] - ((y[1] - y[0]) * lines[i + 1]) / (side - 1)];
    const [z2] = logits(network, origin.map((start, j) => start + u * directions[j] + v * directions[origin.length + j]));
    // The page makes few rounds of regula falsi, because the line is drawn anew while the slider moves.
    assert.ok(Math.abs(sigmoid(z2) - threshold) < 0.02, `${sigmoid(z2)} at (${u}, ${v}), must be ${threshold}`);
  }
}

export async function assertAccessible(page, name) {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run(document));
  const found = violations.filter(({ impact }) => impact !== 'minor');
  assert.deepEqual(found.map(({ id, nodes }) => `${name} ${id}: ${nodes[0].html}`), []);
}
