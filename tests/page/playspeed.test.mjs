// What the playground does while trainings come: a long one is shown as it goes, nothing is drawn twice, and three gradients side by side.
// `benches/playground.mjs` measures how fast it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueue } from '../../src/page/js/playclient.js';
import { gradientSentences } from '../../src/page/js/playgradients.js';
import { createPreview, createReader, thinned } from '../../src/page/js/playpreview.js';
import { stepSentence } from '../../src/page/js/playscreen.js';
import { frameAtOrBefore } from '../../src/page/js/training.js';
import { drawn, openUrl } from './browser.mjs';
import { encode, readPoints, trainRun } from './fixtures.mjs';
import { browserTest, server, startServer, useServer } from './playprogram.mjs';

useServer();

/// A training of 200 updates of a network with 17 parameters, as the JSON of its page.
const trained = trainRun({ table: readPoints('tests/reference/flower.csv'), updates: 200, frames: 40, withSharpness: false });

test('the next training is under way while the last one is shown', async () => {
  const [log, finish] = [[], []];
  const queue = createQueue(state => { log.push(`train ${state}`); return new Promise(done => { finish.push(() => done(() => log.push(`show ${state}`))); }); });
  const turn = () => new Promise(setImmediate);
  queue.ask(1);
  queue.ask(2);
  finish[0]();
  await turn();
  assert.deepEqual(log, ['train 1', 'train 2', 'show 1']);
  assert.ok(queue.isBusy());
  finish[1]();
  await turn();
  assert.deepEqual([log.slice(3), queue.isBusy()], [['show 2'], false]);
});

test('a training that came to nothing shows nothing, and the next one follows', async () => {
  const log = [];
  const queue = createQueue(async state => { log.push(state); return state === 1 ? null : () => log.push('shown'); });
  queue.ask(1);
  queue.ask(2);
  await new Promise(setImmediate);
  assert.deepEqual([log, queue.isBusy()], [[1, 2, 'shown'], false]);
});

test('the frame at or before an update is the one that a search from the end finds', () => {
  const updates = [0, 1, 2, 5, 8, 13, 1000];
  for (let update = -1; update < 1003; update++) assert.equal(frameAtOrBefore(updates, update), Math.max(0, updates.findLastIndex(at => at <= update)), `${update}`);
  assert.equal(frameAtOrBefore([7], 3), 0);
});

test('a preview has the frames and the records of its lines, and its end is the last frame', () => {
  const { frames, history, ...rest } = trained;
  const reader = createReader();
  const preview = createPreview(rest, reader.dataOf(rest));
  assert.equal(preview.run(), null);
  const whole = reader.read({ ...rest, frames, history });
  const size = whole.frames.parameters.length / frames.updates.length;
  const line = (from, to, records) => ({
    frames: { updates: frames.updates.slice(from, to), parameters: encode(whole.frames.parameters.subarray(from * size, to * size)) },
    history: { updates: records, cost: encode(records.map(update => 1 / (1 + update))), validation_cost: null },
  });
  preview.add(line(0, 3, [0]));
  preview.add(line(3, 7, [10, 20]));
  const run = preview.run();
  assert.deepEqual(run.frames.updates, frames.updates.slice(0, 7));
  assert.deepEqual(run.frames.parameters, whole.frames.parameters.slice(0, 7 * size));
  assert.deepEqual([run.training.updates, run.training.kept_update, run.training.planned_updates], [frames.updates[6], frames.updates[6], rest.training.planned_updates]);
  assert.deepEqual(run.history, { updates: [0, 10, 20], cost: Float64Array.of(1, 1 / 11, 1 / 21) });
  // The samples are read once, as long as they are the same.
  assert.equal(run.samples, whole.samples);
  assert.notEqual(reader.dataOf({ ...rest, classes: ['a', 'b'] }).samples, whole.samples);
});

test('a long preview is thinned, and keeps its first and its last frame', () => {
  const list = Array.from({ length: 1001 }, (_, i) => i);
  const kept = thinned(list, 100);
  assert.ok(kept.length <= 100 && kept.length >= 50, `${kept.length}`);
  assert.deepEqual([kept[0], kept.at(-1)], [0, 1000]);
  assert.deepEqual(thinned([1, 2], 0.1), [1, 2]);

  // 20,000 frames of 17 numbers, of which a page keeps 180,000 numbers.
  const { frames: _, history: __, ...rest } = trained;
  const preview = createPreview(rest, createReader().dataOf(rest));
  const parameters = encode(new Float64Array(17 * 100));
  for (let line = 0; line < 200; line++) preview.add({ frames: { updates: Array.from({ length: 100 }, (_, i) => 100 * line + i), parameters } });
  const { updates } = preview.run().frames;
  assert.ok(updates.length <= 180_000 / 17 && updates.length > 5000, `${updates.length}`);
  assert.deepEqual([updates[0], updates.at(-1)], [0, 19_999]);
  assert.ok(updates.every((update, i) => i === 0 || update > updates[i - 1]));
});

test('the sentence about the next update says what the step is not', () => {
  const sentence = training => stepSentence({ training: { schedule: 'constant', momentum: 0, batch_size: null, weight_decay: 0, ...training }, train: { total: 400 } });
  const all = 'Each derivative is the sum of the parts of all 400 training samples';
  assert.equal(sentence({}), `${all}. The step is minus the learning rate times the derivative.`);
  assert.equal(sentence({ momentum: 0.9 }), `${all}. The step is without momentum; training adds 0.9 times the step before.`);
  assert.equal(sentence({ batch_size: 32, schedule: 'cosine' }), `${all}. The step is the one that all samples would make together; training takes 32 of them for each update, in a random order. The learning rate is that of this update: it changes during training.`);
  assert.equal(sentence({ batch_size: 400, weight_decay: 0.01 }), `${all}, plus 0.01 times each weight (weight decay). The step is minus the learning rate times the derivative.`);
});

const ANSWER = {
  update: 1200, loss: 0.25, parameters: 17, agree: true, sentences: ['a note'],
  rows: [{ name: 'w1[0,0]', manual: 0.5, autodiff: 0.5, numeric: 0.5000000001 }, { name: 'w2[1,0]', manual: -2e-7, autodiff: -2e-7, numeric: null }],
  lengths: { manual: 0.5, autodiff: 0.5, numeric: null },
  comparisons: [{ tested: 'manual', reference: 'numeric', tolerance: 1e-9, agree: true, worst: { element: 'w1[0,0]', a: 0.5, b: 0.5000000001, relative: 2e-10 } }, { tested: 'manual', reference: 'autodiff', tolerance: 1e-12, agree: true, worst: null }],
};

test('three gradients in sentences', () => {
  assert.deepEqual(gradientSentences(ANSWER), [
    'After update 1,200, the cost is 0.250000. The three gradients agree.',
    'By hand and differences: the largest relative difference is 2.0×10⁻¹⁰, at w1[0,0]; at most 1×10⁻⁹ is accepted.',
    'The table has the 2 largest derivatives of 17.',
    'Note: a note',
  ]);
  assert.match(gradientSentences({ ...ANSWER, agree: false })[0], /do not agree/);
  assert.match(gradientSentences(ANSWER, 0.01)[0], /^After update 1,200, the cost with the weight decay’s penalty is 0\.250000\./);
});

/// Opens the page, waits for the first training, and runs the steps.
const open = (steps, { at = server, ...options } = {}) => openUrl(at.address, async page => {
  await idle(page);
  await steps(page);
}, { ...options, origin: at.origin });
const idle = page => page.waitForFunction(() => window.petal?.view() && !petal.queue.isBusy());
const setConfig = (page, changes) => page.evaluate(config => petal.change({ ...petal.state(), config: { ...petal.state().config, ...config } }), changes);
/// A training of the manual engine takes a second or more, so that it is shown while it runs.
const beginLong = async (page, rate) => {
  await setConfig(page, { 'train.engine': 'manual', 'train.learning_rate': rate });
  await page.waitForFunction(asked => petal.screen.view().run.training.learning_rate === asked, rate);
};

browserTest('a long training is shown while it runs', () => open(async page => {
  await beginLong(page, 1.3);
  const { last, end, busy, max, outcome, place } = await page.evaluate(() => {
    const { run, update } = petal.screen.view();
    const place = run.frames.updates[3];
    const outcome = document.querySelector('#outcome').textContent;
    // A place within it stays, because the update is the same in the whole training.
    petal.actions.set({ update: place });
    return { last: run.training.updates, end: run.frames.updates.at(-1), busy: petal.queue.isBusy(), max: update, outcome, place };
  });
  assert.ok(busy && last === end && max === last && last < 10_000, `${busy} ${last} ${end} ${max}`);
  assert.match(outcome, /Training: update [\d,]+\.$/);
  assert.equal(await page.locator('#message').innerText(), '');
  assert.deepEqual(await page.evaluate(() => [petal.shown().config['train.learning_rate'], petal.view().run.training.learning_rate]), [1.2, 1.2]);
  // The run before stays that of the training before, not the preview.
  await idle(page);
  const [updates, update, before] = await page.evaluate(() => [petal.screen.view().run.training.updates, petal.screen.view().update, petal.screen.view().before.run.training]);
  assert.deepEqual([updates, update], [10_000, place]);
  assert.deepEqual([before.learning_rate, before.updates], [1.2, 10_000]);
  assert.match(await page.locator('#outcome').innerText(), /Trained in/);
}));

browserTest('what was refused or lost keeps what was shown', async () => {
  const own = await startServer();
  try {
    await open(async page => {
      // An error in place of the last line, of a training so short that nothing of it has been shown.
      await page.route('**/train', async route => {
        const answer = await route.fetch();
        const lines = (await answer.text()).trim().split('\n').slice(0, -1);
        const error = { message: 'train.updates = 200: the playground accepts no more', key: 'train.updates' };
        await route.fulfill({ response: answer, body: [...lines, JSON.stringify({ error }), ''].join('\n') });
      });
      await setConfig(page, { 'train.updates': 200, 'train.learning_rate': 1.1 });
      await page.waitForFunction(() => document.querySelector('#set-train-updates-error').textContent);
      assert.match(await page.locator('#set-train-updates-error').innerText(), /accepts no more/);
      assert.deepEqual(await page.evaluate(() => [petal.queue.isBusy(), petal.view().run.training.learning_rate]), [false, 1.2]);
      assert.match(await page.locator('#outcome').innerText(), /Trained in/);
      await page.unroute('**/train');

      // The server ends while the training is shown.
      await setConfig(page, { 'train.updates': 10_000 });
      await beginLong(page, 1.4);
      await own.kill();
      await idle(page);
      const { training, frames } = await page.evaluate(() => ({ training: petal.screen.view().run.training, frames: petal.screen.view().run.frames.updates }));
      assert.deepEqual([training.learning_rate, training.updates], [1.4, frames.at(-1)]);
      assert.ok(training.updates < 10_000, `${training.updates}`);
      await drawn(page);
      assert.match(await page.locator('#outcome').innerText(), /Training ended after update [\d,]+\./);
      assert.match(await page.locator('#message').innerText(), /^The server ended the training before its last line\./);
    }, { at: own, expected: /ERR_/ });
  } finally {
    await own.close();
  }
});

browserTest('a training is drawn once, and the diagram stays while it fits', () => open(async page => {
  // These trainings take less time than those that are shown while they run.
  await setConfig(page, { 'train.updates': 200 });
  await idle(page);
  // Parts of the page come into sight at its beginning.
  await page.waitForTimeout(300);
  const result = await page.evaluate(async rates => {
    const canvas = document.querySelector('#diagram canvas');
    let draws = 0;
    const draw = CanvasRenderingContext2D.prototype.putImageData;
    const frame = () => new Promise(done => { requestAnimationFrame(() => requestAnimationFrame(done)); });
    // The picture's own field has 200 x 200 nodes.
    CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) { draws += image.width === 200; return draw.call(this, image, ...rest); };
    for (const value of rates) {
      petal.change({ ...petal.state(), config: { ...petal.state().config, 'train.learning_rate': value } });
      while (petal.queue.isBusy()) await frame();
      await frame();
    }
    CanvasRenderingContext2D.prototype.putImageData = draw;
    return { draws, isSame: canvas === document.querySelector('#diagram canvas') };
  }, [1, 1.1, 1.2, 1.3]);
  assert.deepEqual(result, { draws: 4, isSame: true });
  // Another width has another diagram, whose units can be chosen.
  await setConfig(page, { 'model.hidden': 3 });
  await idle(page);
  assert.equal(await page.locator('#diagram canvas').count(), 3);
  await page.locator('#diagram button.unit').nth(2).click();
  await drawn(page);
  assert.equal(await page.evaluate(() => petal.view().state.unit), 2);
}));

browserTest('three gradients side by side, on request, for the update of the slider', () => open(async page => {
  const button = page.locator('#gradients button');
  await button.scrollIntoViewIfNeeded();
  assert.ok(!(await page.locator('#gradients table').isVisible()));
  const update = await page.evaluate(() => petal.view().update);
  await button.click();
  await page.locator('#gradients table').waitFor();
  assert.match(await page.locator('#gradients li').first().innerText(), new RegExp(`^After update ${update.toLocaleString('en')}, the cost is .* The three gradients agree`));
  assert.equal(await page.locator('#gradients tbody tr').count(), 17);
  // At another update they would be wrong.
  await page.evaluate(() => petal.actions.set({ update: 1 }));
  await drawn(page);
  assert.ok(!(await page.locator('#gradients table').isVisible()));
  assert.equal(await page.locator('#gradients li').count(), 0);
}));
