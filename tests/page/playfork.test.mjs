// Weights that are edited on the page of the playground: where the slider is, what adds up, what is said.

import assert from 'node:assert/strict';
import { drawn, openUrl } from './browser.mjs';
import { browserTest, server, useServer } from './playprogram.mjs';

useServer();

const ready = page => page.waitForFunction(() => window.petal?.view() && petal.shown() === petal.state() && !petal.queue.isBusy());
const open = steps => openUrl(server.address, async page => { await ready(page); await steps(page); }, { origin: server.origin });
const numbers = page => page.evaluate(() => ({ update: petal.view().update, values: [...petal.view().network.values] }));
async function goTo(page, update) {
  await page.locator('#timebar [name=update]').fill(String(update));
  await page.locator('#timebar [name=update]').press('Enter');
  await page.waitForFunction(wanted => petal.view().update === wanted, update);
}
async function edit(page, parameter, value) {
  await page.locator('#fork [name=parameter]').selectOption(parameter);
  await page.locator('#fork [name=value]').fill(value);
  await page.locator('#fork [name=value]').press('Enter');
}

browserTest('the slider stays at the update of an edit, edits at one update add up, and undo goes back to it', () => open(async page => {
  await goTo(page, 3000);
  const first = await numbers(page);
  await edit(page, 'w1[0,0]', '5');
  await ready(page);
  const with5 = first.values.map((value, p) => (p === 0 ? 5 : value));
  assert.deepEqual(await numbers(page), { update: 3000, values: with5 });
  await edit(page, 'w1[0,1]', '−7');
  await ready(page);
  const withBoth = with5.map((value, p) => (p === 1 ? -7 : value));
  assert.deepEqual(await numbers(page), { update: 3000, values: withBoth });
  assert.deepEqual(await page.evaluate(() => petal.shown().fork), { update: 3000, parameters: withBoth });
  await page.getByRole('button', { name: 'undo the edit' }).click();
  await ready(page);
  assert.deepEqual(await numbers(page), first);

  // The second edit comes before the first one has been trained.
  await page.route('**/train', async route => { await new Promise(done => { setTimeout(done, 300); }); await route.continue(); });
  await edit(page, 'w1[0,0]', '5');
  await edit(page, 'w1[0,1]', '-7');
  assert.ok(await page.evaluate(() => petal.queue.isBusy()));
  await ready(page);
  assert.deepEqual(await numbers(page), { update: 3000, values: withBoth });

  // The end of a training that goes on from its middle, and an edit there.
  await page.getByRole('button', { name: 'To the end' }).click();
  await drawn(page);
  await edit(page, 'b2[0]', '0.25');
  await ready(page);
  const { update, values } = await numbers(page);
  assert.deepEqual([update, values.at(-1)], [10_000, 0.25]);
  for (const name of ['To the start', 'To the end', 'One update back', 'One update forward', 'Play']) await page.getByRole('button', { name, exact: true }).click();
  await drawn(page);
  assert.equal((await numbers(page)).update, 10_000);
  await page.waitForFunction(() => document.querySelector('#again .why').textContent.includes('edited at update 10,000,'));
}));

browserTest('an edit of a long training stays at its update while it is trained', () => open(async page => {
  await page.evaluate(() => petal.change({ ...petal.state(), config: { ...petal.state().config, 'train.engine': 'manual', 'train.updates': 6000 } }));
  await page.waitForFunction(() => petal.shown() === petal.state() && !petal.queue.isBusy(), null, { timeout: 60_000 });
  await goTo(page, 2000);
  await edit(page, 'w1[0,0]', '5');
  await page.waitForFunction(() => /Training: update/.test(document.querySelector('#outcome').innerText));
  const { update, first } = await page.evaluate(() => ({ update: petal.screen.view().update, first: petal.screen.view().network.values[0] }));
  assert.deepEqual([update, first], [2000, 5]);
  await page.waitForFunction(() => petal.shown() === petal.state() && !petal.queue.isBusy(), null, { timeout: 60_000 });
  assert.equal((await numbers(page)).update, 2000);
}));

browserTest('settings of the first weights do nothing after an edit: they are off, and the page says why', () => open(async page => {
  const off = () => page.locator('#settings :is(input, select, button):disabled').evaluateAll(list => list.map(({ name, ariaLabel }) => name || ariaLabel));
  const told = page.getByText('Initial kind, initial scale and weight seed only choose the first weights.');
  assert.deepEqual([await off(), await told.count()], [[], 0]);
  await edit(page, 'w1[0,0]', '5');
  await ready(page);
  assert.deepEqual(await off(), ['model.init', 'model.init_scale', 'initial scale', 'model.seed', 'new weight seed']);
  assert.ok(await told.isVisible());
  await page.getByRole('button', { name: 'undo the edit' }).click();
  await ready(page);
  assert.deepEqual([await off(), await told.count()], [[], 0]);
}));

browserTest('what is no number as a weight has a sentence, until something else is typed', () => open(async page => {
  const [field, told] = [page.locator('#fork [name=value]'), page.locator('.forked')];
  for (const [text, sentence] of [['abc', '“abc” is not a finite number. Type one, such as −0.5.'], ['', 'The field is empty. Type one, such as −0.5.'], ['1e999', '“1e999” is not a finite number. Type one, such as −0.5.']]) {
    await field.fill(text);
    await page.getByRole('button', { name: 'train on from here' }).click();
    assert.equal(await told.innerText(), sentence);
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.equal(await field.inputValue(), text);
  }
  await field.fill('0.5');
  assert.equal(await told.innerText(), '');
  assert.equal(await field.getAttribute('aria-invalid'), null);
  assert.equal(await page.evaluate(() => petal.state().fork), null);
}));

browserTest('where every step is 0, the page says so', () => open(async page => {
  // The parts of two samples, one of each class, cancel without rounding.
  await page.evaluate(() => petal.change({ ...petal.state(), points: [[1, 1, 1], [-1, 1, 0]], fork: { update: 0, parameters: Array(17).fill(0) } }, 0));
  await ready(page);
  assert.equal(await page.evaluate(() => Math.max(...petal.view().step.map(Math.abs))), 0);
  assert.match(await page.locator('#diagram .note').innerText(), /every step is 0/);
  // The button for the end is far from the table, which is drawn when it comes into sight.
  const saysOfSteps = async text => {
    await page.locator('#next-update').scrollIntoViewIfNeeded();
    await page.waitForFunction(wanted => document.querySelector('#next-update .note').textContent === wanted, text);
  };
  await saysOfSteps('The learning rate is 1.2, and every step is 0.');
  assert.ok(!(await page.locator('main').innerText()).includes('×10⁻³⁰⁰'));
  // Nothing is drawn towards nowhere.
  assert.ok(await page.locator('.arrow').evaluateAll(list => list.every(arrow => !/NaN|Infinity/.test(arrow.getAttribute('d')))));

  // A learning rate that is 0 at the end.
  await page.getByRole('button', { name: 'undo the edit' }).click();
  await page.locator('#settings [name="train.schedule"]').selectOption('linear');
  await ready(page);
  await page.getByRole('button', { name: 'To the end' }).click();
  await saysOfSteps('The learning rate is 0, and every step is 0.');
}));
