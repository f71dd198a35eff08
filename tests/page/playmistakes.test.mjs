// What users do wrong, and what is only unusual: the page of the playground says what is the matter, loses nothing and goes on.

import assert from 'node:assert/strict';
import { CONTROLS } from '../../src/page/js/playstate.js';
import { drawn, openUrl, widthCutOff } from './browser.mjs';
import { browserTest, server, startServer, useServer } from './playprogram.mjs';

useServer();

const refusals = /status of (400|422)/;
const ready = page => page.waitForFunction(() => window.petal?.view() && !petal.queue.isBusy());
const open = (steps, { more = '', ...options } = {}) => openUrl(`${server.address}${more}`, async page => { await ready(page); await steps(page); }, { origin: server.origin, expected: refusals, ...options });
const setting = (page, key) => page.locator(`#settings [name="${key}"]`);
const errorOf = (page, key) => page.locator(`#set-${key.replace('.', '-')}-error`).innerText();
const message = page => page.locator('#message').innerText();
const update = (page, changes) => page.evaluate(more => petal.change({ ...petal.state(), ...more }), changes);
const pick = (page, name, text) => page.locator('#table input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const tableText = async (page, pattern) => {
  await page.waitForFunction(source => new RegExp(source).test(document.querySelector('#table ul').innerText), pattern.source);
  await ready(page);
};
/// The page still trains, and shows numbers only.
async function assertAlive(page, name) {
  await ready(page);
  assert.ok(!/NaN|undefined|Infinity|\[object/.test(await page.locator('main').innerText()), name);
  await page.evaluate(() => petal.change({ config: { 'train.engine': 'fused', 'train.updates': 77 }, points: null, table: null, fork: null }));
  await page.waitForFunction(() => petal.view().run.training.updates === 77 && petal.shown() === petal.state());
  assert.equal(await message(page), '', name);
}

const encoded = state => Buffer.from(typeof state === 'string' ? state : JSON.stringify(state)).toString('base64url');
const cannotBeRead = /^The state in the address cannot be read: .+\. The page shows the state that the server was started with\.$/;
const ADDRESSES = [
  ['nothing', '', cannotBeRead], ['no base64', '%%%', cannotBeRead], ['a list', encoded([1]), cannotBeRead], ['null', encoded('null'), cannotBeRead],
  ['half of it', encoded('{"config":{"model.hid'), cannotBeRead], ['no config', encoded({ points: [] }), /config: must be settings by their names/],
  ['an object as a value', encoded({ config: { 'model.hidden': { a: 1 } } }), /model\.hidden: must be a number, a text/], ['1e999', encoded('{"config":{"train.momentum":1e999}}'), /train\.momentum: must be a number/],
  ['deep nesting', encoded(`{"config":${'['.repeat(20_000)}${']'.repeat(20_000)}}`), cannotBeRead], ['__proto__', encoded('{"config":{"__proto__":{"x":1}}}'), cannotBeRead],
  ['a list as a value', encoded({ config: { 'model.hidden': [4] } }), 'model.hidden'], ['a text as a number', encoded({ config: { 'train.learning_rate': 'fast' } }), 'train.learning_rate'],
  ['1 MB', encoded({ config: { 'data.kind': 'x'.repeat(1e6) } }), 'data.kind'], ['a path', encoded({ config: { 'data.path': '/etc/passwd' } }), /^data\.path: is no setting of the playground\./],
  ['an old name', encoded({ config: { 'train.lr': 1 } }), /^train\.lr: is no setting of the playground\./], ['one class', encoded({ config: {}, points: [[1, 1, 1], [2, 2, 1]] }), /^points: all are of class 1; draw some of class 0 too\./],
  ['a third class', encoded({ config: {}, points: [[1, 1, 2]] }), /the class must be 0 or 1/], ['points and a table', encoded({ config: {}, points: [[1, 1, 1]], table: { name: 'a', text: 'x', label: 'y' } }), /points or a table/],
  ['a fork of another network', encoded({ config: {}, fork: { update: 0, parameters: [1] } }), /^fork: has 1 parameters, the network has 17\./], ['a fork after the end', encoded({ config: { 'train.updates': 5 }, fork: { update: 9, parameters: Array(17).fill(0) } }), /^fork: update 9 is after the last one/],
];

for (const [name, text, expected] of ADDRESSES) {
  browserTest(`an address with ${name} has a sentence, and the page lives`, () => open(async page => {
    if (typeof expected === 'string') assert.match(await errorOf(page, expected), new RegExp(`^${expected} = .{1,400}must be|^data\\.kind = x+ … x*.*: `, 's'));
    else assert.match((await message(page)).split('\n')[0], expected);
    const told = `${await message(page)}${await page.locator('#settings .error').allInnerTexts()}`;
    assert.ok(told.length < 1500, `${told.length} characters`);
    // A state that the server refuses stays as it is, for its mistake to be mended. The picture is of another one until then.
    assert.equal(/picture is of the default network/.test(told), !cannotBeRead.test(await message(page)));
    assert.ok(!page.url().includes('token'));
    await assertAlive(page, name);
  }, { more: `&s=${text}&update=zz&lesson=nope` }));
}

browserTest('a setting without a control can be left out of the state', () => open(async page => {
  await page.getByRole('button', { name: 'Leave out train.lr' }).click();
  await page.waitForFunction(() => petal.view().run.network.hidden === 3);
  assert.deepEqual(await page.evaluate(() => petal.state().config), { 'model.hidden': 3 });
}, { more: `&s=${encoded({ config: { 'model.hidden': 3, 'train.lr': 1 } })}` }));

browserTest('an encoded or a second token leaves the address at once', () => openUrl(`${server.origin}/`, async page => {
  // As long as this has no answer, nothing else writes the address.
  await page.route('**/start', () => {});
  await page.goto(`${server.address}&token=abc&%74oken=def&update=3`);
  await page.waitForTimeout(600);
  assert.equal(page.url(), `${server.origin}/#update=3`);
}, { origin: server.origin }));

browserTest('a gradient that is 0 everywhere, on a logarithmic axis', () => open(async page => {
  await page.getByLabel('cost and gradient on a logarithmic axis').check();
  await setting(page, 'model.init_scale').fill('0');
  await page.waitForFunction(() => petal.shown() === petal.state() && petal.view().run.history.gradient_norm.every(value => value === 0));
  await drawn(page);
}));

browserTest('huge, tiny and wrong numbers in every field: a sentence at the field, or a training', () => open(async page => {
  await setting(page, 'train.updates').fill('50');
  for (const { key, options } of CONTROLS.filter(spec => !spec.options)) {
    const field = setting(page, key);
    if (!await field.isVisible()) continue;
    const before = await field.inputValue();
    for (const value of ['1e308', '-1e308', '1e999', '1e-320', 'abc', '-0', '0.5', '99999999999999999999', '１２', '']) {
      await field.fill(value);
      await field.press('Tab');
      await ready(page);
      const told = `${await errorOf(page, key)}${await message(page)}`;
      const rest = /\b(must|needs|accepts|too large|at least|at most)\b/;
      if (await page.evaluate(() => petal.shown() !== petal.state())) assert.match(told, rest, `${key} = ${value}`);
      else assert.equal(told, '', `${key} = ${value}`);
      assert.ok(!/NaN|undefined|Infinity/.test(await page.locator('#outcome').innerText()), `${key} = ${value}`);
    }
    await field.fill(before);
    await field.press('Tab');
    await ready(page);
  }
  await assertAlive(page, 'fields');
}));

browserTest('tables that are too small, too wide, empty, no text or named like markup', () => open(async page => {
  await pick(page, 'one.csv', 'a,b,y\n1,2,0\n');
  await tableText(page, /one\.csv: no column has two values; choose the column to predict/);
  await pick(page, 'empty.csv', '');
  await tableText(page, /empty\.csv: is empty/);
  await pick(page, 'a.png', '\x89PNG\0\0');
  await tableText(page, /a\.png:1: .*byte/);
  await pick(page, 'list.json', '[]');
  await tableText(page, /list\.json: must be \{ config/);
  assert.equal(await page.evaluate(() => petal.state().table), null);

  const image = '<img src=x onerror=alert(1)>';
  await pick(page, `${image}.csv`, `"${image}",b,"<b>y"\n${Array.from({ length: 40 }, (_, i) => `${i},${(i * i) % 7},"${i % 2 ? '</script><script>alert(2)</script>' : image}"`).join('\n')}\n`);
  await page.waitForFunction(() => petal.shown().table);
  for (const id of ['curves', 'sample', 'next-update', 'again']) await page.locator(`#${id}`).scrollIntoViewIfNeeded();
  assert.equal(await page.locator('main img, main script, main b > b').count(), 0);
  assert.ok((await page.locator('main').innerText()).includes(image));

  // Drawing needs a plane: a table with 30 inputs is not taken away.
  const names = Array.from({ length: 30 }, (_, j) => `c${j}`);
  await pick(page, 'wide.csv', `${names},y\n${Array.from({ length: 60 }, (_, i) => `${names.map((_, j) => Math.sin(i * (j + 1)).toFixed(3))},${i % 2}`).join('\n')}\n`);
  await page.waitForFunction(() => petal.shown().table?.name === 'wide.csv');
  assert.ok(await page.getByRole('radio', { name: 'class 1' }).isDisabled());
  assert.match(await page.locator('#draw .note').innerText(), /needs two inputs/);
  assert.equal(await widthCutOff(page), 0);
  await assertAlive(page, 'tables');
}));

/// Missing labels and values, and two columns of words.
const BIRDS = `kind,place,length,mass,sex\n${Array.from({ length: 60 }, (_, i) => `${['a', 'b', 'c'][i % 3]},${['x', 'y', 'z'][Math.floor(i / 7) % 3]},${i === 7 ? '' : (i * 37) % 61},${(i * i) % 23},${i === 3 ? '' : i % 2 ? 'm' : 'f'}`).join('\n')}\n`;

browserTest('a table that is refused is mended with the controls that its messages name, and its label is chosen', () => open(async page => {
  const shown = (...sizes) => page.waitForFunction(wanted => {
    const { inputs, samples } = petal.view().run;
    return petal.shown() === petal.state() && String([inputs.length, samples.count]) === wanted;
  }, String(sizes));
  const refused = (key, pattern) => page.waitForFunction(([id, source]) => new RegExp(source).test(document.querySelector(`#set-${id}-error`).innerText), [key.replace('.', '-'), pattern.source]);
  const list = async (key, text) => { await setting(page, key).fill(text); await setting(page, key).press('Enter'); };
  for (const key of ['data.impute', 'data.unlabelled', 'data.ignore', 'data.one_hot', 'data.standardise']) assert.ok(!await setting(page, key).isVisible(), key);
  await pick(page, 'birds.csv', BIRDS);
  await refused('data.unlabelled', /^birds\.csv:5:5: sex = "": a missing label; data\.unlabelled = "skip" would/);
  assert.equal(await page.evaluate(() => petal.view().run.samples.count), 400, 'the picture stays');
  await setting(page, 'data.unlabelled').selectOption('skip');
  await refused('data.ignore', /data\.ignore = \["kind", "place"\] leaves them out/);
  await list('data.ignore', 'kind,  plaice');
  await refused('data.ignore', /data\.ignore names "plaice": no such column; did you mean "place"\?/);
  await list('data.ignore', 'kind');
  await list('data.one_hot', 'place');
  await refused('data.impute', /length = "": .*data\.impute = "mean"/);
  await setting(page, 'data.impute').selectOption('mean');
  await shown(5, 59);
  assert.deepEqual(await page.evaluate(() => ['data.ignore', 'data.one_hot'].map(key => petal.state().config[key])), [['kind'], ['place']]);
  assert.equal(await setting(page, 'data.ignore').inputValue(), 'kind');
  await setting(page, 'data.standardise').selectOption('false');
  await page.waitForFunction(() => petal.view().run.inputs.every(({ scale }) => scale === 1));

  // An ignored label cannot be learned: another one mends it, and the settings stay.
  const predict = page.locator('#table [name=label]');
  await predict.selectOption('kind');
  await refused('data.ignore', /kind/);
  await predict.selectOption('mass');
  await refused('data.ignore', /sex = "f": no value of this column is a number/);
  await predict.selectOption('sex');
  await shown(5, 59);
  assert.equal(await page.locator('#table ul').innerText(), '');
  await setting(page, 'data.kind').selectOption('moons');
  await shown(2, 400);
  assert.deepEqual(await page.evaluate(() => Object.keys(petal.state().config).filter(key => /ignore|one_hot|impute|unlabelled|standardise/.test(key))), []);
}));

browserTest('a table without a label opens with its columns to choose from, and what is no table has a sentence', () => open(async page => {
  const predict = page.locator('#table .label-choice');
  await pick(page, 'none.csv', 'a,b,c\n1,2,3\n4,5,6\n7,8,9\n');
  await tableText(page, /no column has two values; choose the column/);
  assert.deepEqual(await predict.locator('option').allInnerTexts(), ['a', 'b', 'c']);
  // The message and the choice are of a table that is not the state's: they go with the next change.
  await page.getByRole('radio', { name: 'class 1' }).check();
  await page.waitForFunction(() => petal.shown().points);
  assert.equal(await page.locator('#table ul').innerText(), '');
  assert.ok(!await predict.isVisible());

  const kept = await page.evaluate(() => petal.state());
  for (const [name, text, expected] of [
    ['zero.md', '+++\ntitle = "a"\n+++\n', 'zero.md: is a lesson: petal play zero.md opens it'], ['a.toml', '[data]\n', 'a.toml: is a configuration or a lesson: petal play a.toml opens it'],
    ['bin.json', '\x00\x01{', 'bin.json: it is no JSON, the form of a saved state'], ['big.csv', 'a'.repeat(1_900_001), 'big.csv has 1,900,001 bytes: the playground takes at most 1,900,000; petal train takes more'],
  ]) {
    await pick(page, name, text);
    await page.waitForFunction(wanted => document.querySelector('#table ul').innerText === wanted, expected);
    assert.ok(!await predict.isVisible(), name);
  }
  assert.deepEqual(await page.evaluate(() => petal.state()), kept);
  await pick(page, 'state.json', JSON.stringify({ config: { 'train.updates': 60 }, points: null, table: null, fork: null }));
  await page.waitForFunction(() => petal.view().run.training.updates === 60);
  assert.equal(await page.locator('#table ul').innerText(), '');
  // A table in a link, or from the command line, has its columns to choose from too.
  await update(page, { table: { name: 'birds.csv', text: BIRDS, label: 'sex', class_one: null } });
  await page.waitForFunction(() => document.querySelector('#table [name=label]').value === 'sex');
  assert.ok(await predict.isVisible());
}));

browserTest('drawing at the edge and beyond, all points erased, one class only, points in one place, points far away', () => open(async page => {
  await page.getByRole('radio', { name: 'class 1' }).check();
  await page.waitForFunction(() => petal.shown().points?.length === 400);
  const { x, y, width, height } = await page.locator('canvas.drawn').boundingBox();
  await page.mouse.move(x + width - 2, y + 1);
  await page.mouse.down();
  await page.mouse.move(x + width + 200, y - 30, { steps: 8 });
  await page.mouse.up();
  await page.waitForFunction(() => petal.shown() === petal.state());
  assert.ok(await page.evaluate(() => petal.state().points.length > 400));
  await page.getByRole('button', { name: 'clear all' }).click();
  await page.waitForFunction(() => /points: there are none; draw some of class 0/.test(document.querySelector('#message').innerText));
  await page.mouse.click(x + width / 4, y + height / 2);
  await page.waitForFunction(() => /points: all are of class 1; draw some of class 0 too/.test(document.querySelector('#message').innerText));
  await page.getByRole('radio', { name: 'class 0' }).check();
  await page.mouse.click(x + width / 2, y + height / 2);
  await page.waitForFunction(() => petal.shown() === petal.state());
  assert.equal(await page.evaluate(() => petal.view().run.samples.count), 2);
  for (const points of [[[1, 1, 1], [1, 1, 0]], [[1e-310, 1, 1], [0, 1, 0]], [[1e150, 1, 1], [-1e150, 2, 0]]]) {
    await update(page, { points });
    await page.waitForFunction(() => petal.shown() === petal.state());
    assert.ok(!/NaN|undefined|Infinity/.test(await page.locator('main').innerText()), JSON.stringify(points));
  }
  await assertAlive(page, 'points');
}));

browserTest('forks at update 0 and at the last one, an edit that is no number, a quick double undo, then another width', () => open(async page => {
  const edit = async value => {
    await page.locator('#fork [name=value]').fill(value);
    await page.keyboard.press('Enter');
  };
  const forked = at => page.waitForFunction(expected => petal.shown().fork?.update === expected && petal.shown() === petal.state(), at);
  await page.getByRole('button', { name: 'To the start' }).click();
  await edit('0.3');
  await forked(0);
  await edit('1e400');
  assert.equal(await page.locator('#fork [name=value]').getAttribute('aria-invalid'), 'true');
  await page.getByRole('button', { name: 'undo the edit' }).dblclick();
  await page.waitForFunction(() => petal.shown().fork === null && petal.shown() === petal.state());
  await page.getByRole('button', { name: 'To the end' }).click();
  await edit('0.4');
  await forked(10_000);
  assert.equal(await page.evaluate(() => petal.view().run.frames.updates.length), 1);
  await edit('0.7');
  await page.waitForFunction(() => petal.view().network.values[0] === 0.7);
  await setting(page, 'train.updates').fill('500');
  await page.waitForFunction(() => /^fork: update 10,000 is after the last one; train\.updates = 500/.test(document.querySelector('#message').innerText));
  await setting(page, 'model.hidden').fill('7');
  await page.waitForFunction(() => petal.shown().fork === null && petal.view().run.network.hidden === 7);
  await assertAlive(page, 'forks');
}));

browserTest('a drag, a lesson, the dark scheme and a small window while a long training runs', () => open(async page => {
  await setting(page, 'model.hidden').fill('50');
  await setting(page, 'train.updates').fill('40000');
  const { x, y } = await page.locator('#settings [aria-label="learning rate"]').boundingBox();
  await page.mouse.move(x + 20, y + 10);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 10, { steps: 20 });
  await page.mouse.up();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 640, height: 400 });
  await page.evaluate(() => { location.hash = '#lesson=zero'; });
  await page.getByRole('button', { name: 'nothing', exact: true }).click();
  await page.waitForFunction(() => petal.shown() === petal.state() && petal.shown().fork?.update === 0, null, { timeout: 60_000 });
  assert.equal(await page.evaluate(() => petal.view().run.network.hidden), 4);
  // The small window is drawn in the next frame.
  await drawn(page);
  assert.equal(await widthCutOff(page), 0);
  await assertAlive(page, 'at once');
}));

browserTest('a state in an address that cannot be read leaves the one of the page', () => open(async page => {
  await setting(page, 'train.learning_rate').fill('0.5');
  await page.waitForFunction(() => petal.view().run.training.learning_rate === 0.5);
  await page.evaluate(() => { location.hash = '#s=%%'; });
  await page.waitForFunction(() => document.querySelector('#message').innerText.endsWith('The page keeps its state.'));
  await ready(page);
  assert.match(await message(page), /^The state in the address cannot be read: .*\. The page keeps its state\.$/);
  assert.equal(await page.evaluate(() => petal.state().config['train.learning_rate']), 0.5);
}));

browserTest('an address without a lesson closes the lesson', () => open(async page => {
  const chosen = () => page.locator('#lessons select').inputValue();
  await page.evaluate(() => { location.hash = '#lesson=zero'; });
  await page.waitForFunction(() => document.querySelector('#lessons select').value === 'zero');
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('#lessons select').value === '');
  assert.ok(!await page.locator('.lesson').isVisible());
  // A token alone, after the server was started again, leaves it open.
  await page.locator('#lessons select').selectOption('zero');
  await page.evaluate(token => { location.hash = `#token=${token}`; }, server.token);
  await page.waitForFunction(() => !location.hash.includes('token'));
  await ready(page);
  assert.equal(await chosen(), 'zero');
}));

for (const width of [390, 1280]) {
  browserTest(`a message is in sight from every part of the page, which is ${width} pixels wide`, async () => {
    const own = await startServer();
    try {
      await openUrl(own.address, async page => {
        await ready(page);
        const isInSight = () => page.locator('#message').evaluate(box => {
          const { top, bottom } = box.getBoundingClientRect();
          return box.textContent !== '' && top >= 0 && bottom <= innerHeight && box.contains(document.elementFromPoint(innerWidth / 2, (top + bottom) / 2));
        });
        await page.locator('#again').scrollIntoViewIfNeeded();
        await own.kill();
        await page.getByRole('button', { name: 'config.toml' }).click();
        await page.waitForFunction(() => document.querySelector('#message pre'));
        for (const id of ['again', 'sample', 'picture']) {
          await page.locator(`#${id}`).scrollIntoViewIfNeeded();
          await drawn(page);
          assert.ok(await isInSight(), id);
        }
        const { height } = await page.locator('#message').boundingBox();
        assert.ok(height < 400, `${height} pixels`);
        assert.equal(await widthCutOff(page), 0);
      }, { origin: own.origin, viewport: { width, height: 800 }, expected: /ERR_/ });
    } finally {
      await own.close();
    }
  });
}

browserTest('after a divergence the updates that were asked for are named', () => open(async page => {
  await setting(page, 'train.learning_rate').fill('1e300');
  await page.waitForFunction(() => petal.view().run.divergence && petal.shown() === petal.state());
  await page.waitForFunction(() => / of 10,000/.test(document.querySelector('#outcome').innerText));
  assert.match(await page.locator('#outcome').innerText(), /^Training diverged at update \d+\. After update \d+ of 10,000, /);
}));

browserTest('too much work is refused with the limit', () => open(async page => {
  await setting(page, 'model.hidden').fill('50');
  await setting(page, 'train.updates').fill('100000');
  await page.waitForFunction(() => /accepts at most 1e9/.test(document.querySelector('#set-train-updates-error').innerText));
  await assertAlive(page, 'work');
}));

browserTest('the page is left and comes back, and an address that is typed keeps the state', () => open(async page => {
  await setting(page, 'train.learning_rate').fill('0.5');
  await page.waitForFunction(() => petal.view().run.training.learning_rate === 0.5 && location.hash.includes('s='));
  await page.waitForTimeout(400);
  await page.goto('about:blank');
  await page.goBack();
  await page.waitForFunction(() => window.petal?.view()?.run.training.learning_rate === 0.5);
  await page.evaluate(() => { location.hash = '#lesson=zero'; });
  await page.waitForFunction(() => document.querySelector('#lessons select').value === 'zero');
  await ready(page);
  assert.equal(await page.evaluate(() => petal.state().config['train.learning_rate']), 0.5);
}));

browserTest('on paper and at twice the size', () => open(async page => {
  assert.ok((await page.pdf()).length > 10_000);
  await page.emulateMedia({ media: 'print' });
  await drawn(page);
  assert.match(await page.locator('#sample .lead').innerText(), /After update 10,000 the network gives class 1/);
  assert.ok(await page.locator('#next-update tbody tr').count() > 10);
  for (const acts of ['.settings', '#draw', '#table', '#lessons select', '#again button', '#fork button', '#gradients button']) assert.equal(await page.locator(acts).locator('visible=true').count(), 0, acts);
  assert.ok(await page.locator('#again .command').isVisible());
  await page.emulateMedia({ media: 'screen' });
  await page.setViewportSize({ width: 640, height: 400 });
  await drawn(page);
  await drawn(page);
  assert.equal(await widthCutOff(page), 0);
}));
