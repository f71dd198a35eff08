// Pages in Chromium: nothing is requested, nothing fails, numbers are right, and everything works by mouse, touch and keys. The runs
// are trained here, so that they have every shape that a run can have. `reports.test.mjs` opens the pages that Petal writes.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before } from 'node:test';
import { backward, crossEntropy, gradient, logits } from '../../src/page/js/network.js';
import { readRun } from '../../src/page/js/run.js';
import { createTrajectory } from '../../src/page/js/training.js';
import { assertAccessible, assertOnContour, browserTest, close, drawn, openPage, skip, updateOf, widthCutOff } from './browser.mjs';
import { RUNS, trainSweep } from './fixtures.mjs';
import { buildPage } from './join.mjs';
import { wordsFor, wordsForSweep } from './words.mjs';

const folder = mkdtempSync(join(tmpdir(), 'petal-pages-'));
const runs = {};
const open = (name, steps, options) => openPage(resolve(folder, `${name}.html`), steps, options);

before(async () => {
  if (skip) return;
  for (const [name, make] of Object.entries(RUNS)) {
    runs[name] = make();
    writeFileSync(join(folder, `${name}.html`), buildPage(runs[name], wordsFor(name, runs[name])));
  }
  const sweep = trainSweep([1, 2, 4], 300);
  writeFileSync(join(folder, 'sweep.html'), buildPage(sweep, wordsForSweep(sweep), { entry: 'sweep', template: 'sweep.html' }));
});

after(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

browserTest('all pages open without an error or a request, in light and dark, wide and narrow', async () => {
  for (const name of Object.keys(runs)) {
    for (const [width, colorScheme] of name === 'flower' ? [[1440, 'light'], [1024, 'dark'], [390, 'light']] : [[1024, 'dark'], [390, 'light']]) {
      await open(name, async page => {
        assert.ok(await page.locator('main canvas').first().isVisible(), name);
        await page.locator('input[type=range]').first().press('Home');
        await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
        await drawn(page);
        assert.equal(await widthCutOff(page), 0, `${name} at ${width}`);
      }, { viewport: { width, height: 900 }, colorScheme });
    }
  }
});

browserTest('the numbers of the page are those of the formulas at five updates', async () => {
  const run = readRun(runs.flower);
  const trajectory = createTrajectory(run);
  await open('flower', async page => {
    for (const update of [0, 1, 240, 7001, 10000]) {
      await page.evaluate(([u]) => petal.actions.set({ update: u, sample: 12, unit: 1 }), [update]);
      await drawn(page);
      await page.locator('#sample').scrollIntoViewIfNeeded();
      await drawn(page);
      const network = trajectory.networkAfter(update);
      const x = run.samples.x.subarray(24, 26);
      const pass = backward(network, x, run.samples.y[12], 400);
      const shown = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll('#sample output')].map(o => [o.dataset.name, Number(o.dataset.value)])));
      const expected = { 'z1[1]': pass.z1[1], 'a1[1]': pass.a1[1], z2: pass.z2, a2: pass.a2, cost: crossEntropy(pass.z2, run.samples.y[12]), dz2: (pass.a2 - run.samples.y[12]) / 400 };
      for (const [name, value] of Object.entries(expected)) assert.ok(Math.abs(shown[name] - value) <= 1e-12 * Math.max(1, Math.abs(value)), `${name} at ${update}: ${shown[name]}, ${value}`);
      const step = await page.evaluate(() => [...petal.view().step]);
      const dw = gradient(network, run.train.x, run.train.y);
      step.forEach((value, p) => assert.ok(Math.abs(value - 1.2 * dw[p]) < 1e-12));
    }
  });
});

browserTest('the slider moves by mouse, by keys and by its number; single steps replay updates', async () => {
  await open('flower', async page => {
    const slider = page.locator('#timebar input[type=range]');
    const box = await slider.boundingBox();
    await page.mouse.move(box.x + box.width - 11, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await drawn(page);
    const middle = await updateOf(page);
    assert.ok(middle > 900 && middle < 1600, `${middle}`);
    await slider.press('ArrowRight');
    await drawn(page);
    assert.ok(await updateOf(page) > middle);
    await slider.press('Home');
    await drawn(page);
    assert.equal(await updateOf(page), 0);
    await page.getByRole('button', { name: 'One update forward' }).click();
    await drawn(page);
    assert.equal(await updateOf(page), 1);
    await page.getByLabel('Update', { exact: true }).fill('7,131');
    await page.keyboard.press('Enter');
    await drawn(page);
    assert.equal(await updateOf(page), 7131);
    assert.match(await slider.getAttribute('aria-valuetext'), /^update 7,131, cost 0\.217/);
    await slider.press('Shift+ArrowLeft');
    await drawn(page);
    assert.equal(await updateOf(page), 7130);
    await page.waitForFunction(() => location.hash.includes('update=7130'));
    await page.reload();
    assert.equal(await updateOf(page), 7130);
  });
});

browserTest('a link in the page leads to an update', async () => {
  await open('flower', async page => {
    await page.evaluate(() => { location.hash = '#update=7132&sample=3'; });
    await page.waitForFunction(() => petal.view().update === 7132 && petal.view().state.sample === 3);
  });
});

browserTest('play goes to the end, also with reduced motion, and the slider stops it', async () => {
  for (const reducedMotion of ['no-preference', 'reduce']) {
    await open('one_sample', async page => {
      await page.locator('#timebar input[type=range]').press('Home');
      await page.getByRole('button', { name: 'Play' }).click();
      await page.waitForFunction(() => petal.view().update > 0);
      await page.locator('#timebar input[type=range]').press('ArrowRight');
      await drawn(page);
      assert.equal(await page.getByRole('button', { name: 'Play' }).getAttribute('aria-pressed'), 'false');
    }, { reducedMotion });
  }
});

browserTest('touch: the slider, a point, a unit', async () => {
  await open('flower', async page => {
    const box = await page.locator('#timebar input[type=range]').boundingBox();
    await page.touchscreen.tap(box.x + box.width * 0.5, box.y + box.height / 2);
    await drawn(page);
    const update = await updateOf(page);
    assert.ok(update > 500 && update < 2500, `${update}`);
    const picture = await page.locator('#picture canvas.points').boundingBox();
    await page.touchscreen.tap(picture.x + picture.width * 0.9, picture.y + picture.height * 0.35);
    await drawn(page);
    const chosen = await page.evaluate(() => { const { state, points } = petal.view(); return [...points.slice(2 * state.sample, 2 * state.sample + 2)]; });
    assert.ok(chosen[0] > 2.5 && chosen[1] > 0.5, `${chosen}`);
    await page.locator('button.unit').nth(2).tap();
    await drawn(page);
    assert.equal(await page.evaluate(() => petal.view().state.unit), 2);
  }, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
});

browserTest('samples and units are chosen by keyboard', async () => {
  await open('flower', async page => {
    await page.getByLabel('training sample', { exact: true }).fill('7');
    await page.keyboard.press('Enter');
    await drawn(page);
    assert.equal(await page.evaluate(() => petal.view().state.sample), 7);
    await page.locator('button.unit').nth(3).press('Enter');
    await drawn(page);
    assert.equal(await page.locator('button.unit').nth(3).getAttribute('aria-pressed'), 'true');
  });
});

browserTest('a symbol under the pointer lights up its edge', async () => {
  await open('flower', async page => {
    await page.locator('#sample .symbol[data-symbol="w1[0,1]"]').first().hover();
    assert.ok(await page.locator('#diagram .edges path.lit[data-symbol="w1[0,1]"]:not(.hit)').count() === 1);
  }, { hash: '#unit=1' });
});

browserTest('the line passes where the probability is the threshold', async () => {
  await open('flower', async page => {
    for (const [update, threshold] of [[10000, 0.5], [300, 0.3], [2000, 0.8]]) {
      await page.evaluate(([u, t]) => petal.actions.set({ update: u, threshold: t }), [update, threshold]);
      await drawn(page);
      await assertOnContour(page);
    }
  });
});

browserTest('the threshold moves the confusion matrix and the scores together', async () => {
  const run = readRun(runs.breast_cancer);
  const network = createTrajectory(run).networkAfter(run.training.kept_update);
  const part = run.samples.parts[2];
  await open('breast_cancer', async page => {
    for (const threshold of [0.2, 0.5, 0.9]) {
      await page.evaluate(t => petal.actions.set({ threshold: t }), threshold);
      await page.locator('#decisions').scrollIntoViewIfNeeded();
      await drawn(page);
      const shown = await page.locator('table.matrix tbody td').allInnerTexts();
      const counts = [0, 0, 0, 0];
      logits(network, part.x).forEach((z2, i) => { counts[2 * part.y[i] + (z2 > Math.log(threshold / (1 - threshold)) ? 1 : 0)]++; });
      assert.deepEqual(shown.map(Number), counts);
    }
  });
});

browserTest('a page with a part of the samples does not show steps that it cannot know', async () => {
  await open('subset', async page => {
    assert.equal(await page.locator('#diagram .arrow').first().getAttribute('d'), '');
    await page.getByLabel('training sample', { exact: true }).fill('70');
    await page.keyboard.press('Enter');
    await drawn(page);
    assert.equal(await page.evaluate(() => petal.view().state.sample), 7);
    assert.equal(await page.locator('#next-update').count(), 0);
    // What is no sample or no update changes nothing, and the field shows again what the page shows.
    const sampleField = page.getByLabel('training sample', { exact: true });
    const updateField = page.getByLabel('Update', { exact: true });
    const shownUpdate = await updateField.inputValue();
    for (const [field, typed, expected] of [[sampleField, '1.5', '70'], [sampleField, '-1', '70'], [updateField, 'abc', shownUpdate], [updateField, '-5', shownUpdate]]) {
      await field.fill(typed);
      await field.press('Enter');
      await drawn(page);
      assert.equal(await field.inputValue(), expected, typed);
    }
    assert.match(await page.locator('#picture + .caption, #picture .caption').first().innerText(), /chosen at random/);
    await page.getByRole('button', { name: 'One update back' }).click();
    await drawn(page);
    const { updates, update } = await page.evaluate(() => ({ updates: petal.view().run.frames.updates, update: petal.view().update }));
    assert.equal(update, updates.at(-2));
  });
});

browserTest('planes: any two inputs, the others at their means', async () => {
  await open('breast_cancer', async page => {
    await page.locator('[name=plane]').selectOption({ label: 'two inputs, the others at their means' });
    await page.getByLabel('Upward input').selectOption({ index: 7 });
    await drawn(page);
    const { names, same } = await page.evaluate(() => {
      const { plane, points, run } = petal.view();
      return { names: plane.axes.map(axis => axis.name), same: points[1] === run.samples.x[7] };
    });
    assert.deepEqual(names, ['mean_radius', 'mean_concave_points']);
    assert.ok(same);
  });
});

browserTest('axe finds no fault, in light and dark', async () => {
  for (const [name, colorScheme] of [['flower', 'light'], ['breast_cancer', 'dark'], ['diverged', 'light'], ['hostile', 'dark']]) {
    await open(name, async page => {
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
      await drawn(page);
      await assertAccessible(page, name);
    }, { colorScheme });
  }
});

browserTest('a sweep: common slider, two runs side by side, a table that sorts', async () => {
  for (const colorScheme of ['light', 'dark']) {
    await open('sweep', async page => {
      await page.locator('button.cell').nth(1).click();
      await page.locator('button.cell').nth(0).click();
      await drawn(page);
      assert.deepEqual(await page.locator('#compared .cell-name span:first-child').allInnerTexts(), ['hidden = 2', 'hidden = 1']);
      const before = await page.locator('button.cell .soft').allInnerTexts();
      await page.locator('#timebar input[type=range]').press('Home');
      await drawn(page);
      assert.notDeepEqual(await page.locator('button.cell .soft').allInnerTexts(), before);
      await page.getByRole('button', { name: 'cost', exact: true }).click();
      const costs = (await page.locator('#runs td:nth-child(2)').allInnerTexts()).map(Number);
      assert.deepEqual(costs, [...costs].sort());
      assert.equal(await page.locator('th[aria-sort=ascending]').count(), 1);
      await assertAccessible(page, 'sweep');
    }, { colorScheme });
  }
});

browserTest('text survives 200 % zoom', async () => {
  // Zoom makes the window half as many CSS pixels wide.
  await open('breast_cancer', async page => {
    assert.equal(await widthCutOff(page), 0);
    assert.ok(await page.locator('#timebar .readout').isVisible());
  }, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
});

browserTest('print and a page without JavaScript show the still pictures and the tables', async () => {
  await open('flower', async page => {
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('.stills img').first().isVisible());
    assert.ok(!await page.locator('#timebar').isVisible());
    assert.ok((await page.pdf({ format: 'A4' })).length > 1000);
  });
  await open('flower', async page => {
    assert.ok(await page.locator('.stills img').first().isVisible());
    assert.ok(await page.getByRole('heading', { name: 'Make it again' }).isVisible());
    assert.ok(!await page.locator('#timebar').isVisible());
  }, { javaScriptEnabled: false });
});

browserTest('data that cannot be read leave the still pictures and a sentence', async () => {
  const broken = { ...runs.one_sample, format: 9 };
  writeFileSync(join(folder, 'broken.html'), buildPage(broken, wordsFor('one_sample', runs.one_sample)));
  await open('broken', async page => {
    assert.match(await page.locator('.problem').innerText(), /format 9/);
    assert.ok(await page.locator('.stills img').first().isVisible());
  });
});
