// Settings that a state of the playground leaves out: their controls show the defaults that are trained with.

import assert from 'node:assert/strict';
import { CONTROLS, encodeState, fromSlider } from '../../src/page/js/playstate.js';
import { openUrl } from './browser.mjs';
import { browserTest, server, useServer } from './playprogram.mjs';

useServer();

const ready = page => page.waitForFunction(() => window.petal?.view() && petal.shown() === petal.state() && !petal.queue.isBusy());
const open = (steps, more = '') => openUrl(`${server.address}${more}`, async page => { await ready(page); await steps(page); }, { origin: server.origin });
/// What a control shows: its text, its placeholder and the number of its slider.
const shown = (page, key) => page.locator(`#settings [name="${key}"]`).evaluate(({ value, placeholder, parentElement }) => {
  const slider = parentElement.querySelector('[type=range]');
  return [value, placeholder, slider && Number(slider.value)];
}, key).then(([value, placeholder, slider]) => [value, placeholder, slider === null ? null : fromSlider(CONTROLS.find(spec => spec.key === key), slider)]);
const clear = async (page, key) => {
  await page.locator(`#settings [name="${key}"]`).fill('');
  await page.locator(`#settings [name="${key}"]`).press('Tab');
  await ready(page);
};

browserTest('a field that is cleared shows the default, and its slider is there', () => open(async page => {
  for (const [key, first, trained, placeholder, slider] of [
    ['train.learning_rate', '0.5', 'training.learning_rate', '1.2', 1.2], ['train.updates', '300', 'training.updates', '10000', 10_000],
    ['data.samples', '50', 'samples.count', '400', 400], ['model.hidden', '2', 'network.hidden', '4', 4],
  ]) {
    await page.locator(`#settings [name="${key}"]`).fill(first);
    await ready(page);
    assert.equal((await shown(page, key))[0], first);
    await clear(page, key);
    assert.deepEqual(await shown(page, key), ['', placeholder, slider], key);
    assert.equal(await page.evaluate(path => path.split('.').reduce((part, name) => part[name], petal.view().run), trained), slider, key);
  }
  await clear(page, 'model.seed');
  assert.deepEqual(await shown(page, 'model.seed'), ['', '2', null]);
  await page.getByRole('button', { name: 'new weight seed' }).click();
  assert.equal((await shown(page, 'model.seed'))[0], '3');
  assert.equal(await page.locator('#settings [aria-label="learning rate"]').getAttribute('aria-valuetext'), '1.2, the default');
}));

browserTest('a short state shows the settings that it is trained with', () => open(async page => {
  const CONFIG = { 'data.kind': 'moons' };
  assert.deepEqual(await page.evaluate(() => petal.state().config), CONFIG);
  assert.deepEqual(await shown(page, 'train.learning_rate'), ['', '1.2', 1.2]);
  assert.deepEqual(await shown(page, 'split.validation'), ['', '0', 0]);
  const start = JSON.parse((await server.ask('/train', { config: CONFIG })).text.split('\n')[0]).start.settings;
  for (const { key, options } of CONTROLS) {
    if (!(key in start) || key === 'data.kind') continue;
    const [value, placeholder] = await shown(page, key);
    assert.equal(options ? value : placeholder, String(start[key]), key);
  }
}, `&s=${encodeState({ config: { 'data.kind': 'moons' }, points: null, table: null, fork: null })}`));

browserTest('a table has other defaults', () => open(async page => {
  const text = `a,b,y\n${Array.from({ length: 60 }, (_, i) => `${(i * 37) % 60},${(i * i) % 23},${((i * 37) % 60) > 29 ? 1 : 0}`).join('\n')}\n`;
  await page.locator('#table input[type=file]').setInputFiles({ name: 'my.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.waitForFunction(() => petal.shown().table?.name === 'my.csv');
  await ready(page);
  assert.deepEqual(await shown(page, 'split.validation'), ['', '0.2', 0.2]);
}));
