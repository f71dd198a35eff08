// The pages that Petal writes, in Chromium. PETAL_REPORTS is a folder with a folder for each run; `.ci/page-tests` makes them. Numbers
// are compared with what the program itself says: `petal explain` and the metrics.json of trainings that end earlier. PETAL_PROGRAM is
// the program.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { assertAccessible, assertOnContour, browserTest, close, drawn, openPage, reports, updateOf, widthCutOff } from './browser.mjs';
import { assertShown, numbersIn, readExplained } from './explained.mjs';

const program = resolve(process.env.PETAL_PROGRAM ?? new URL('../../target/debug/petal', import.meta.url).pathname);
const fileOf = (name, file = 'report.html') => join(resolve(reports), name, file);
const names = reports ? readdirSync(reports).filter(name => existsSync(fileOf(name))) : [];
const isSweep = name => readFileSync(fileOf(name), 'utf8').includes('id="grid"');
const runs = names.filter(name => !isSweep(name));
const open = (name, steps, options) => openPage(fileOf(name), steps, options);
const metricsOf = folder => JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8'));
const slider = page => page.locator('#timebar input[type=range]');
const positionOf = page => slider(page).evaluate(element => Number(element.value));

after(close);

/// The slider by mouse and by keys.
async function moveSlider(page, name) {
  const last = await positionOf(page);
  await slider(page).scrollIntoViewIfNeeded();
  const { x, y, width, height } = await slider(page).boundingBox();
  await page.mouse.move(x + width - 11, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height / 2, { steps: 3 });
  await page.mouse.up();
  await drawn(page);
  const middle = await positionOf(page);
  assert.ok(middle < last && middle > 0, `${name}: ${middle} of ${last}`);
  await slider(page).press('ArrowRight');
  await drawn(page);
  assert.ok(await positionOf(page) > middle, name);
  await slider(page).press('Home');
  await drawn(page);
  assert.equal(await positionOf(page), 0, name);
}

/// All text is within the window, except in what scrolls by itself.
async function assertTextIsWhole(page, name) {
  assert.equal(await widthCutOff(page), 0, name);
  const cut = await page.evaluate(() => [...document.querySelectorAll('h1, h2, h3, p, label, th, td, dt, dd, li, figcaption, summary')]
    .filter(element => element.checkVisibility() && !element.closest('.scroll, pre, .hidden'))
    .filter(element => element.getBoundingClientRect().right > window.innerWidth + 1 || element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'visible')
    .map(element => element.textContent.trim().slice(0, 40)));
  assert.deepEqual(cut, [], name);
}

for (const name of names) {
  browserTest(`${name}: mouse, keys, line of the threshold, axe, print`, () => open(name, async page => {
    await assertAccessible(page, name);
    if (!isSweep(name)) await assertOnContour(page, 0);
    await moveSlider(page, name);
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await drawn(page);
    assert.equal(await widthCutOff(page), 0, name);
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('.stills img').first().isVisible(), name);
    assert.ok(!await page.locator('#timebar').isVisible(), name);
  }, { viewport: { width: 1440, height: 900 } }));

  browserTest(`${name}: touch on a phone in the dark, axe`, () => open(name, async page => {
    await assertAccessible(page, name);
    const last = await positionOf(page);
    const { x, y, width, height } = await slider(page).boundingBox();
    await page.touchscreen.tap(x + width * 0.4, y + height / 2);
    await drawn(page);
    const now = await positionOf(page);
    assert.ok(now > 0 && now < last, `${name}: ${now} of ${last}`);
    await assertTextIsWhole(page, name);
  }, { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true }));

  // Zoom makes the window half as many CSS pixels wide.
  browserTest(`${name}: 200 % zoom`, () => open(name, page => assertTextIsWhole(page, name), { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }));

  browserTest(`${name}: the stills and the tables without JavaScript`, () => open(name, async page => {
    assert.ok(await page.locator('.stills img').first().isVisible());
    assert.ok(await page.locator('section:not(.live) table').first().isVisible());
    assert.ok(await page.getByRole('heading', { name: 'Make it again' }).isVisible());
    assert.ok(!await page.locator('.live').first().isVisible());
    await assertTextIsWhole(page, name);
  }, { javaScriptEnabled: false }));
}

browserTest('diverged: the text links to the update whose parameters are kept, and all curves mark the end', () => open('diverged', async page => {
  const { kept_update: kept } = metricsOf(fileOf('diverged', ''));
  await slider(page).press('Home');
  await drawn(page);
  await page.locator(`a[href="#update=${kept}"]`).first().click();
  await page.waitForFunction(update => petal.view().update === update, kept);
  await page.locator('#curves').scrollIntoViewIfNeeded();
  await drawn(page);
  assert.equal(await page.locator('#curves .mark-line').count(), await page.locator('#curves .row:visible').count());
}), !names.includes('diverged'));

/// Moves the page of a run, and returns the numbers of its sample and of its next update.
async function numbersAt(page, update, sample, unit) {
  await page.evaluate(changes => petal.actions.set(changes), { update, sample, unit });
  for (const part of ['#next-update', '#sample']) {
    await page.locator(part).scrollIntoViewIfNeeded();
    await drawn(page);
  }
  assert.equal(await updateOf(page), update);
  return page.evaluate(() => ({
    lines: [...document.querySelectorAll('#sample .formula')].map(line => {
      const output = line.querySelector('output');
      return { name: output.dataset.name, exact: Number(output.dataset.value), shown: output.textContent, numbers: line.querySelector('.numbers').textContent };
    }),
    parameters: [...document.querySelectorAll('#next-update tbody tr')].map(row => [...row.cells].map(cell => cell.textContent)),
  }));
}

/// `petal explain` follows plain gradient descent only.
const explainable = runs.filter(name => !/^(momentum = (?!0\.0$)|batch_size|schedule = "(?!constant))/m.test(readFileSync(fileOf(name, 'config.toml'), 'utf8')));
assert.equal(explainable.includes('default'), names.includes('default'));

for (const name of explainable) {
  browserTest(`${name}: every number of a sample and of the next update is that of \`petal explain\`, at five updates`, () => open(name, async page => {
    const { updates, diverged_at_update: diverged } = metricsOf(fileOf(name, ''));
    const last = diverged === null ? updates : diverged - 1;
    const { hidden, count } = await page.evaluate(() => ({ hidden: petal.view().network.hidden, count: petal.view().run.train.y.length }));
    for (const [step, share] of [0, 1 / last, 0.1, 0.7001, 1].entries()) {
      const [update, sample, unit] = [Math.round(share * last), (7 * step) % count, step % hidden];
      const text = execFileSync(program, ['explain', fileOf(name, 'config.toml'), '--update', update, '--sample', sample], { encoding: 'utf8' });
      const explained = readExplained(text);
      const { lines, parameters } = await numbersAt(page, update, sample, unit);
      assert.ok(lines.length >= 9 && parameters.length > 3, name);

      for (const line of lines) {
        const what = `${name}, update ${update}, sample ${sample}, ${line.name}`;
        const { value, numbers } = explained.get(`this sample's part of ${line.name}`) ?? explained.get(line.name);
        assertShown(line.exact, value, 6, what);
        assertShown(numbersIn(line.shown)[0], value, 4, what);
        const shown = numbersIn(line.numbers);
        // Long sums are shortened. In place of the slope `petal explain` has a formula.
        const same = line.name.startsWith('dz1') ? 2 : line.numbers.includes('…') ? 0 : shown.length;
        for (let i = 0; i < same; i++) assertShown(shown[i], numbers[i], 4, `${what}, number ${i} of ${line.numbers}`);
      }
      for (const [parameter, now, derivative, , , next] of parameters) {
        const what = `${name}, update ${update}, ${parameter}`;
        assertShown(numbersIn(derivative)[0], explained.get(`d${parameter}`).value, 4, what);
        const { value, numbers } = explained.get(`new ${parameter}`);
        assertShown(numbersIn(now)[0], numbers[0], 5, what);
        assertShown(numbersIn(next)[0], value, 5, what);
      }
    }
  }));
}

browserTest('default: cost and accuracy are those of trainings that end at five updates', () => open('default', async page => {
  const folder = mkdtempSync(join(tmpdir(), 'petal-metrics-'));
  for (const update of [0, 1, 240, 7001, 10000]) {
    const out = join(folder, String(update));
    execFileSync(program, ['train', fileOf('default', 'config.toml'), '--set', `train.updates=${update}`, '--set', 'output.report=false', '--quiet', '--out', out]);
    const { cost, accuracy } = metricsOf(out);
    await page.evaluate(changes => petal.actions.set(changes), { update });
    await drawn(page);
    const now = await page.evaluate(() => ({ cost: petal.view().cost, accuracy: petal.view().accuracy, shown: document.querySelector('#timebar .values').textContent }));
    // The page replays the updates since its last frame. Rounding differs in the last digits.
    assert.ok(Math.abs(now.cost - cost) <= 1e-12, `cost after ${update}: ${now.cost}, must be ${cost}`);
    assert.equal(now.accuracy, accuracy, `accuracy after ${update}`);
    const [shownCost, shownAccuracy] = numbersIn(now.shown);
    assertShown(shownCost, cost, 4, `cost after ${update}`);
    assertShown(shownAccuracy, 100 * accuracy, 4, `accuracy after ${update}`);
  }
  rmSync(folder, { recursive: true });
}), !names.includes('default'));

const withTest = runs.filter(name => metricsOf(fileOf(name, '')).parts.test);
for (const name of withTest) {
  browserTest(`${name}: the decisions have the scores of metrics.json`, () => open(name, async page => {
    const { parts: { test: { scores: { network } }, validation }, cost, accuracy } = metricsOf(fileOf(name, ''));
    await page.locator('#decisions').scrollIntoViewIfNeeded();
    await drawn(page);
    const shown = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll('#decisions [data-value]')].map(element => [element.dataset.value, element.textContent])));
    for (const score of ['accuracy', 'precision', 'recall', 'f1']) assert.equal(shown[score], network[score] === null ? '–' : `${(100 * network[score]).toFixed(2)}\u00a0%`, `${name}: ${score}`);
    if (network.roc_auc !== null) assertShown(Number(shown.auc), network.roc_auc, 3, `${name}: ROC`);
    if (network.average_precision !== null) assertShown(Number(shown.ap), network.average_precision, 3, `${name}: average precision`);
    const counts = { tn: 'true_negative', fp: 'false_positive', fn: 'false_negative', tp: 'true_positive' };
    for (const [short, long] of Object.entries(counts)) assert.equal(Number(shown[short]), network.confusion[long], `${name}: ${long}`);
    const now = await page.evaluate(() => ({ cost: petal.view().cost, accuracy: petal.view().accuracy, validation: petal.view().validation }));
    assert.ok(Math.abs(now.cost - cost) <= 1e-12 && now.accuracy === accuracy, `${name}: ${now.cost}, must be ${cost}`);
    if (validation) assert.ok(Math.abs(now.validation.cost - validation.scores.network.cost) <= 1e-12, name);
  }));
}
