// Lessons in Chromium: in the playground, and as pages of a web site that `petal lessons --out` writes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { assertAccessible, browserTest as anyBrowserTest, close, drawn, openPage, openUrl, updateOf, widthCutOff } from './browser.mjs';
import { program, skip, startServer } from './playprogram.mjs';

const folder = mkdtempSync(join(tmpdir(), 'petal-lessons-'));
const file = name => join(folder, 'site', `${name}.html`);
let server = null;
const browserTest = (name, body) => anyBrowserTest(name, body, skip);

const MINE = `+++
title = "Mine"
ask = "Three units, or one?"
answers = ["three", "one"]
unit = 2
update = 40
config.model.hidden = 3
config.train.updates = 60

[[variation]]
name = "one unit"
config.model.hidden = 1
+++

Three **units** and *one*, <b>not bold</b>.
`;

before(async () => {
  if (skip) return;
  writeFileSync(join(folder, 'mine.md'), MINE);
  execFileSync(program, ['lessons', '--out', 'site'], { cwd: folder });
  server = await startServer(join(folder, 'mine.md'));
});
after(async () => {
  await close();
  await server?.close();
  rmSync(folder, { recursive: true });
});

/// Opens the playground of mine.md, waits for the first training, and runs the steps.
const open = (steps, hash = '') => openUrl(`${server.address}${hash}`, async page => {
  await page.waitForFunction(() => window.petal?.view());
  await steps(page);
}, { origin: server.origin });
const settled = page => page.waitForFunction(() => !petal.queue.isBusy() && petal.shown() === petal.state());
/// What stands as code in the notes below the picture: of the lesson `large-rate`, the two settings that it advises to change.
const codeInNotes = async page => (await page.locator('#notes code').allInnerTexts()).join(', ');
const ADVICE = /^train\.learning_rate = 1\.1\d*, train\.cost_limit$/;

browserTest('a page of a site asks, shows after a guess, its slider moves, its variations show', () => openPage(file('line'), async page => {
  assert.ok(!await page.locator('#picture').isVisible(), 'the picture would give the answer away');
  assert.equal(await page.locator('.told').innerText(), '');
  await page.getByRole('button', { name: 'any curve' }).click();
  await drawn(page);
  assert.match(await page.locator('.told').innerText(), /The answer is: a straight line\.[^]*each unit adds a line/);
  assert.equal(await page.locator('.answers button.right').innerText(), 'a straight line');
  for (const id of ['picture', 'diagram', 'timebar']) assert.ok(await page.locator(`#${id}`).isVisible(), id);
  assert.equal(await updateOf(page), 10_000);

  await page.locator('#timebar [name=time]').focus();
  await page.keyboard.press('Home');
  await drawn(page);
  assert.equal(await updateOf(page), 0);
  const unitsOf = () => page.evaluate(() => petal.view().run.network.hidden);
  assert.equal(await unitsOf(), 1);
  await page.getByRole('button', { name: '3 units' }).click();
  await drawn(page);
  assert.deepEqual([await unitsOf(), await updateOf(page)], [3, 0]);
  assert.equal(await page.locator('.runs [aria-pressed=true]').innerText(), '3 units');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => petal.view().before.run.network.hidden), 1, 'the run before is a ghost');
  for (const id of ['curves', 'sample', 'next-update']) {
    await page.locator(`#${id}`).scrollIntoViewIfNeeded();
    await page.waitForFunction(one => document.querySelector(`#${one} :is(.curve, .forward > *, tbody tr)`), id);
  }
}));

browserTest('the lesson of the edge begins at its update, with the sharpness that it names', () => openPage(file('edge'), async page => {
  await page.locator('.answers button').first().click();
  await drawn(page);
  assert.equal(await updateOf(page), 7272);
  // Computed there, not interpolated: the lesson says this number.
  assert.match(await page.locator('#timebar .values').innerText(), /sharpness 1\.681$/);
  await page.getByRole('button', { name: 'One update back' }).click();
  await drawn(page);
  assert.equal(await updateOf(page), 7271);
}));

browserTest('on paper, all parts of a lesson are drawn, in light colours, and what only acts is left out', () => openPage(file('line'), async page => {
  await page.locator('.answers button').first().click();
  await drawn(page);
  // Nothing below the picture has come into sight. What is on the paper is read at its end.
  await page.evaluate(() => addEventListener('afterprint', () => { window.printed = document.querySelector('#sample .lead').textContent; }, { capture: true }));
  await page.pdf();
  assert.match(await page.evaluate(() => window.printed), /^The training sample \d+ is of class \d\. After update 10,000 the network gives/);
  const map = () => page.evaluate(() => document.querySelector('#diagram canvas').toDataURL());
  const dark = await map();
  await page.emulateMedia({ media: 'print' });
  await drawn(page);
  assert.match(await page.locator('#sample .lead').innerText(), /After update 10,000 the network gives/);
  for (const rows of ['#curves .curve', '#next-update tbody tr', '#sample .forward > *']) assert.ok(await page.locator(rows).count(), rows);
  assert.notEqual(await map(), dark);
  for (const acts of ['.runs button[aria-pressed=false]', '#timebar button', '#timebar [name=time]', 'nav', '#sample .controls']) assert.equal(await page.locator(acts).locator('visible=true').count(), 0, acts);
  assert.ok(await page.locator('.told').isVisible() && await page.getByRole('button', { name: '1 unit' }).isVisible());
  await page.emulateMedia({ media: 'screen' });
  await drawn(page);
  assert.ok(await map() === dark);
  assert.ok(await page.locator('#timebar [name=time]').isVisible());
}, { colorScheme: 'dark' }));

browserTest('every page of the site works; a training that diverged says so', async () => {
  const names = readdirSync(join(folder, 'site')).map(name => name.replace('.html', '')).filter(name => name !== 'index');
  assert.equal(names.length, 11);
  for (const name of names) {
    await openPage(file(name), async page => {
      await page.locator('.answers button').first().click();
      for (const button of await page.locator('.runs button').all()) {
        await button.click();
        await drawn(page);
        const { x, y } = await page.evaluate(() => ({ x: petal.view().network.values.length, y: petal.view().network.values.every(Number.isFinite) }));
        assert.ok(x >= 5 && y, name);
      }
      await page.locator('.runs button').first().click();
      await drawn(page);
      if (name === 'large-rate') assert.match(await page.locator('#notes').innerText(), /^Training diverged at update 4\.\nWhere settings can be changed, Petal advises: “The learning rate/);
      if (name === 'large-rate') assert.match(await codeInNotes(page), ADVICE);
    });
  }
});

browserTest('without JavaScript, the question, the answers and the text are there', () => openPage(file('symmetry'), async page => {
  const text = await page.locator('main').innerText();
  for (const part of ['What do they learn?', 'four different things', 'The answer is: the same.', 'one unit, four times', 'Next:']) assert.ok(text.includes(part), part);
  assert.ok(!await page.locator('.stage-area').isVisible());
}, { javaScriptEnabled: false }));

browserTest('the list leads to each page and back', () => openPage(file('index'), async page => {
  await page.getByRole('link', { name: 'relu and dead units' }).click();
  await page.waitForFunction(() => window.petal);
  await page.getByRole('link', { name: 'Next: Logistic regression' }).click();
  await page.getByRole('link', { name: 'All lessons' }).click();
  assert.equal(await page.locator('li a').count(), 11);
}));

browserTest('pages of a site: nothing is cut off, axe finds no fault', async () => {
  for (const [width, colorScheme] of [[1280, 'light'], [390, 'dark']]) {
    for (const name of ['memory', 'large-rate']) {
      await openPage(file(name), async page => {
        await page.locator('.answers button').nth(1).click();
        for (const id of ['curves', 'sample', 'next-update']) { await page.locator(`#${id}`).scrollIntoViewIfNeeded(); await drawn(page); }
        assert.equal(await widthCutOff(page), 0, `${name} ${width}`);
        await assertAccessible(page, `${name} ${width} ${colorScheme}`);
      }, { viewport: { width, height: 844 }, colorScheme });
    }
    await openPage(file('index'), async page => {
      assert.equal(await widthCutOff(page), 0);
      await assertAccessible(page, `index ${width} ${colorScheme}`);
    }, { viewport: { width, height: 844 }, colorScheme });
  }
});

browserTest('a lesson in a file is open in the playground; it asks first, then shows its update and its unit', () => open(async page => {
  assert.equal(await page.locator('#lessons select').inputValue(), 'mine');
  assert.equal(await page.locator('.told').innerText(), '');
  assert.equal(await page.evaluate(() => petal.view().run.network.hidden), 4, 'the flower until there is a guess');
  await page.getByRole('button', { name: 'one', exact: true }).click();
  await settled(page);
  await drawn(page);
  assert.equal(await page.locator('.told').innerText(), 'Three units and one, <b>not bold</b>.');
  assert.equal(await page.locator('.told b').innerText(), 'units');
  const { update, unit, hidden } = await page.evaluate(() => ({ update: petal.view().update, unit: petal.screen.state.unit, hidden: petal.view().run.network.hidden }));
  assert.deepEqual([update, unit, hidden], [40, 2, 3]);

  await page.locator('.runs').getByRole('button', { name: 'one unit' }).click();
  await settled(page);
  await drawn(page);
  assert.equal(await page.locator('#settings [name="model.hidden"]').inputValue(), '1');
  assert.deepEqual(await page.evaluate(() => [petal.view().update, petal.view().run.network.hidden]), [40, 1]);
  await page.getByRole('button', { name: 'close the lesson' }).click();
  await page.waitForFunction(() => location.hash.startsWith('#s=') && !location.hash.includes('lesson'));
  await page.reload();
  await page.waitForFunction(() => window.petal?.view());
  assert.ok(!await page.locator('.lesson').isVisible(), 'a closed lesson stays closed');
}));

browserTest('a link leads to a lesson, and says so where there is none', async () => {
  await open(async page => {
    assert.equal(await page.locator('#lessons select').inputValue(), 'symmetry');
    await page.getByRole('button', { name: 'the same', exact: true }).click();
    await page.waitForFunction(() => petal.shown().fork?.update === 0);
    assert.match(await page.locator('.told').innerText(), /You guessed it/);
    await page.waitForFunction(() => document.querySelector('.forked').textContent === 'This lesson begins with weights of its own, so no command trains this run.');
    const w1 = await page.evaluate(() => [...petal.view().network.values.slice(0, 4)]);
    assert.ok(w1.every(weight => weight === w1[0]), `${w1}`);
    await page.waitForFunction(() => location.hash.includes('lesson=symmetry'));
    // What the reader edits is an edit.
    await page.locator('#fork [name=value]').fill('0.5');
    await page.getByRole('button', { name: 'train on from here' }).click();
    await page.waitForFunction(() => /^The weights were edited at update/.test(document.querySelector('.forked').textContent));
  }, '&lesson=symmetry');
  await open(async page => {
    assert.match(await page.locator('#message').innerText(), /There is no lesson “none” here/);
  }, '&lesson=none');
});

browserTest('every run of every lesson trains in the playground', () => open(async page => {
  for (const { id, runs } of server.lessons) {
    await page.locator('#lessons select').selectOption(id);
    await page.locator('.lesson .answers:not(.runs) button').first().click();
    await settled(page);
    if (id === 'large-rate') assert.match(await codeInNotes(page), ADVICE);
    for (let i = 1; i < runs.length; i++) {
      await page.locator('.runs button').nth(i).click();
      await settled(page);
      assert.equal(await page.locator('#message').innerText(), '', `${id} ${runs[i].name}`);
    }
  }
}));
