// The playground in Chromium, with the server that users have.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTROLS, fromSlider } from '../../src/page/js/playstate.js';
import { assertAccessible, drawn, openUrl, widthCutOff } from './browser.mjs';
import { browserTest, server, useServer } from './playprogram.mjs';

useServer();

const rate = 'train.learning_rate';

/// Opens the page, waits for the first training, and runs the steps.
const open = (steps, options = {}) => openUrl(`${server.address}${options.more ?? ''}`, async page => {
  await page.waitForFunction(() => window.petal?.view());
  await steps(page);
}, { ...options, origin: server.origin });
const idle = page => page.waitForFunction(() => !petal.queue.isBusy());
const shownRate = page => page.evaluate(() => petal.view().run.training.learning_rate);
const setting = (page, key) => page.locator(`#settings [name="${key}"]`);

browserTest('the page opens, takes the token out of the address, and learns the flower', () => open(async page => {
  assert.ok(!page.url().includes('token'));
  const { accuracy } = await page.evaluate(() => petal.view());
  assert.ok(accuracy >= 0.9, `${accuracy}`);
  for (const id of ['picture', 'diagram']) assert.ok(await page.locator(`#${id} canvas`).first().isVisible());
  assert.match(await page.locator('#outcome').innerText(), /of the training samples are right/);
}));

browserTest('without a token the page says what to do, shows nothing that could do nothing, and takes the printed address', () => openUrl(`${server.origin}/`, async page => {
  const parts = page.locator('#settings, .stage-area, #draw, #table, #lessons');
  const visible = () => parts.evaluateAll(list => list.map(part => part.checkVisibility()));
  await page.locator('#message form').waitFor();
  assert.deepEqual(await visible(), [false, false, false, false, false]);
  await page.getByLabel('The address that petal play printed').fill(server.address);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.waitForFunction(() => window.petal.view());
  assert.deepEqual(await visible(), [true, true, true, true, true]);
  assert.ok(!page.url().includes('token'));
}, { origin: server.origin }));

browserTest('dragging the rate through 40 values shows the last one, and nothing older after something newer', () => open(async page => {
  // The first answers are late: were two trainings under way at once, an older one would come after a newer one.
  const [rates, delays] = [[], [400, 200, 0, 100, 0]];
  await page.route('**/train', async route => {
    rates.push(route.request().postDataJSON().config[rate]);
    await sleep(delays.shift() ?? 0);
    await route.continue();
  });
  const shown = await page.evaluate(async () => {
    const slider = document.querySelector('#settings [aria-label="learning rate"]');
    const list = [];
    const watch = () => { if (petal.view().run.training.learning_rate !== list.at(-1)) list.push(petal.view().run.training.learning_rate); };
    for (let i = 1; i <= 40; i++) {
      slider.value = 620 + 4 * i;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise(done => { setTimeout(done, 30); });
      watch();
    }
    while (petal.queue.isBusy()) {
      await new Promise(requestAnimationFrame);
      watch();
    }
    await new Promise(done => { setTimeout(done, 500); });
    watch();
    return list;
  });
  const last = fromSlider(CONTROLS.find(({ key }) => key === rate), 780);
  assert.deepEqual([await shownRate(page), await setting(page, rate).inputValue(), shown.at(-1), rates.at(-1)], [last, String(last), last, last]);
  for (const list of [shown, rates]) assert.deepEqual(list, [...list].sort((a, b) => a - b));
  assert.ok(shown.length > 3, `${shown}`);
}));

browserTest('the slider keeps its place when another training comes, and the run before is a ghost', () => open(async page => {
  assert.equal(await page.locator('.ghost').count(), 0);
  assert.ok(!await page.getByText('The pale line is the run before.').isVisible());
  await page.evaluate(() => { const { updates } = petal.view().run.frames; petal.actions.set({ update: updates[Math.round((updates.length - 1) / 2)] }); });
  await drawn(page);
  const place = () => page.locator('#timebar [name=time]').evaluate(({ value, max }) => value / max);
  const middle = await place();
  assert.ok(Math.abs(middle - 0.5) < 0.03, `${middle}`);
  await setting(page, 'train.updates').fill('4000');
  await idle(page);
  await drawn(page);
  assert.ok(Math.abs(await place() - middle) < 0.03, `${await place()}`);
  await page.locator('#curves').scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelectorAll('.ghost').length > 1);
  assert.ok(await page.getByText('The pale line is the run before.').isVisible());
  await page.getByLabel('show the run before beside this one').check();
  assert.ok(await page.locator('#before canvas').isVisible());
  assert.match(await page.locator('#before canvas + .caption').innerText(), /The run before, after update/);
}));

browserTest('an error stands at its control, the run stays, and a right value takes the error away', () => open(async page => {
  await setting(page, rate).fill('-1');
  await page.waitForFunction(() => document.querySelector('#set-train-learning_rate-error').textContent);
  assert.match(await page.locator('#set-train-learning_rate-error').innerText(), /must be/);
  assert.equal(await setting(page, rate).getAttribute('aria-invalid'), 'true');
  assert.equal(await setting(page, rate).getAttribute('aria-describedby'), 'set-train-learning_rate-error');
  assert.equal(await shownRate(page), 1.2);
  await setting(page, rate).fill('0.5');
  await page.waitForFunction(() => petal.view().run.training.learning_rate === 0.5);
  assert.equal(await page.locator('#set-train-learning_rate-error').innerText(), '');
}, { expected: /400/ }));

browserTest('time by buttons and keys: start, end, steps, play, speed', () => open(async page => {
  const update = () => page.evaluate(() => petal.view().update);
  const press = async name => { await page.getByRole('button', { name, exact: true }).click(); await drawn(page); };
  await press('To the start');
  assert.equal(await update(), 0);
  await press('One update forward');
  assert.equal(await update(), 1);
  await press('To the end');
  const last = await update();
  await press('One update back');
  assert.equal(await update(), last - 1);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('Shift+ArrowLeft');
  await drawn(page);
  assert.equal(await update(), last - 2);
  // An empty field leads nowhere, and shows the update again.
  const field = page.locator('#timebar [name=update]');
  await field.fill('');
  await field.press('Enter');
  await drawn(page);
  assert.deepEqual([await update(), await field.inputValue()], [last - 2, (last - 2).toLocaleString('en')]);
  await press('To the start');
  await page.evaluate(() => document.activeElement.blur());
  await page.getByLabel('speed').selectOption('4');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press(' ');
  await page.waitForFunction(() => petal.view().update > 0);
  await page.waitForFunction(end => petal.view().update === end, last, { timeout: 5000 });
}));

browserTest('a training that comes while time is played does not stop it', () => open(async page => {
  await page.getByRole('button', { name: 'To the start' }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await setting(page, rate).fill('0.9');
  await page.waitForFunction(() => petal.view().run.training.learning_rate === 0.9);
  const at = await page.evaluate(() => petal.view().update);
  await page.waitForFunction(before => petal.view().update > before, at);
  assert.equal(await page.getByRole('button', { name: 'Play', exact: true }).getAttribute('aria-pressed'), 'true');
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await drawn(page);
  const stopped = await page.evaluate(() => petal.view().update);
  await page.waitForTimeout(150);
  assert.equal(await page.evaluate(() => petal.view().update), stopped);
}));

browserTest('weights that are edited fork the run, which says so, and the edit can be undone', () => open(async page => {
  await page.evaluate(() => { const { updates } = petal.view().run.frames; petal.actions.set({ update: updates[6] }); });
  await drawn(page);
  const { update, values } = await page.evaluate(() => ({ update: petal.view().update, values: [...petal.view().network.values] }));
  await page.locator('#fork').scrollIntoViewIfNeeded();
  await page.locator('#fork [name=parameter]').selectOption('b1[2]');
  await page.locator('#fork [name=value]').fill('0.75');
  await page.getByRole('button', { name: 'train on from here' }).click();
  await page.waitForFunction(() => petal.shown().fork);
  const { fork } = await page.evaluate(() => petal.state());
  assert.equal(fork.update, update);
  assert.deepEqual(fork.parameters.map((value, p) => value === values[p]), values.map((_, p) => p !== 10));
  assert.equal(fork.parameters[10], 0.75);
  await page.waitForFunction(() => document.querySelector('.forked').textContent);
  assert.match(await page.locator('.forked').innerText(), /no longer what the command line gives/);
  for (const part of ['[name=copy-command]', '#again .command', '#again .same']) assert.ok(!await page.locator(part).isVisible(), part);
  await page.getByRole('button', { name: 'undo the edit' }).click();
  await page.waitForFunction(() => petal.shown().fork === null);
}));

browserTest('points are drawn and erased by mouse, and the network learns them', () => open(async page => {
  await page.getByRole('radio', { name: 'class 1' }).check();
  await page.waitForFunction(() => petal.shown()?.points?.length === 400);
  await page.getByRole('button', { name: 'clear all' }).click();
  await idle(page);
  assert.match(await page.locator('#message, #table ul').allInnerTexts().then(texts => texts.join()), /./);
  const draw = async (mode, from, to) => {
    await page.getByRole('radio', { name: mode }).check();
    const { x, y, width, height } = await page.locator('canvas.drawn').boundingBox();
    await page.mouse.move(x + from[0] * width, y + from[1] * height);
    await page.mouse.down();
    await page.mouse.move(x + to[0] * width, y + to[1] * height, { steps: 12 });
    await page.mouse.up();
  };
  await draw('class 1', [0.2, 0.2], [0.8, 0.2]);
  await draw('class 0', [0.2, 0.8], [0.8, 0.8]);
  await page.waitForFunction(() => petal.shown() === petal.state());
  const points = await page.evaluate(() => petal.state().points);
  assert.ok(points.length > 15 && points.some(point => point[2] === 0));
  assert.ok(points.every(([, x2, label]) => (x2 > 0) === (label === 1)), JSON.stringify(points));
  assert.equal(await page.evaluate(() => petal.view().run.samples.count), points.length);
  await draw('erase', [0.2, 0.2], [0.5, 0.2]);
  await page.waitForFunction(() => petal.shown() === petal.state());
  const left = await page.evaluate(() => petal.state().points.length);
  assert.ok(left < points.length && left > 5, `${left} of ${points.length}`);
  await setting(page, 'data.kind').selectOption('flower');
  await page.waitForFunction(() => petal.shown().points === null && petal.view().run.samples.count === 400);
}, { expected: /400/ }));

const CSV = `x1,x2,kind\n${Array.from({ length: 60 }, (_, i) => `${(i * 37) % 60},${(i * i) % 23},${((i * 37) % 60) > 29 ? 1 : 0}`).join('\n')}\n`;

browserTest('a table is picked, its label chosen, the doctor heard; a wrong line is named and the run stays', () => open(async page => {
  const pick = (name, text) => page.locator('#table input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await pick('bad.csv', CSV.replace('\n37,1,', '\n37,1,9,'));
  await page.waitForFunction(() => document.querySelector('#table ul.error li'));
  assert.match(await page.locator('#table ul').innerText(), /bad\.csv:3: /);
  assert.equal(await page.evaluate(() => petal.state().table), null);
  await pick('my.csv', CSV);
  await page.waitForFunction(() => petal.shown().table?.name === 'my.csv');
  assert.equal(await page.locator('#table [name=label]').inputValue(), 'kind');
  assert.deepEqual(await page.evaluate(() => petal.view().run.inputs.map(({ name }) => name)), ['x1', 'x2']);
  assert.ok(!await setting(page, 'data.samples').isVisible());
  await setting(page, 'data.kind').selectOption('moons');
  await page.waitForFunction(() => petal.shown().table === null);
}, { expected: /400/ }));

browserTest('a table that is dropped on the page', () => open(async page => {
  await page.evaluate(text => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'dropped.csv'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, CSV);
  await page.waitForFunction(() => petal.shown().table?.name === 'dropped.csv');
}));

browserTest('a reload from the address gives the same numbers', () => open(async page => {
  await setting(page, rate).fill('0.7');
  await setting(page, 'model.hidden').fill('3');
  await page.waitForFunction(() => petal.shown() === petal.state() && petal.view().run.network.hidden === 3);
  await page.evaluate(() => { const { updates } = petal.view().run.frames; petal.actions.set({ update: updates[9] }); });
  const numbers = () => page.evaluate(() => ({ update: petal.view().update, cost: petal.view().cost, values: [...petal.view().network.values] }));
  await drawn(page);
  const before = await numbers();
  await page.waitForFunction(update => location.hash.endsWith(`update=${update}`), before.update);
  await page.reload();
  await page.waitForFunction(() => window.petal?.view());
  assert.deepEqual(await numbers(), before);
}));

browserTest('the link and the commands are copied without a token; files are saved', () => open(async page => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const clipboard = async name => {
    await page.getByRole('button', { name }).click();
    await page.waitForFunction(() => document.querySelector('.copied').textContent.includes('copied'));
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const link = await clipboard('copy a link');
  assert.ok(link.startsWith(`${server.origin}/#s=`) && !link.includes(server.token));
  assert.match(await clipboard('copy “petal play”'), /^petal play '#s=[\w-]+&update=10000'$/);
  assert.match(await clipboard('copy the command'), /petal\S* train configs\/default.toml/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'config.toml' }).click()]);
  assert.equal(download.suggestedFilename(), 'config.toml');
}));

browserTest('widths, light and dark: nothing is cut off, axe finds no fault', async () => {
  for (const [width, colorScheme] of [[1440, 'light'], [1024, 'dark'], [390, 'light']]) {
    await open(async page => {
      await page.locator('#lessons select').selectOption('zero');
      await page.getByRole('button', { name: 'nothing', exact: true }).click();
      await page.waitForFunction(() => petal.shown().fork);
      for (const id of ['sample', 'next-update', 'again']) { await page.locator(`#${id}`).scrollIntoViewIfNeeded(); await drawn(page); }
      assert.equal(await widthCutOff(page), 0, `${width}`);
      // On a phone, the tables of the next update are scrolled.
      if (width > 390) assert.ok(await page.evaluate(() => [...document.querySelectorAll('#next-update .scroll')].every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)), `${width}: a table is cut off`);
      await assertAccessible(page, `playground ${width} ${colorScheme}`);
    }, { viewport: { width, height: 900 }, colorScheme });
  }
});

browserTest('numbers of the diagram keep clear of the frames and of the edge of the page', async () => {
  const LONG = [-0.00053, -12.34, -0.0000123, -123.4];
  for (const width of [1440, 1024, 390]) {
    await open(async page => {
      const clear = async name => {
        await drawn(page);
        const { texts, maps, stage } = await page.evaluate(() => {
          const boxes = selector => [...document.querySelectorAll(`#diagram ${selector}`)].map(element => { const { left, right, top, bottom } = element.getBoundingClientRect(); return { left, right, top, bottom, text: element.textContent }; });
          return { texts: boxes('text'), maps: boxes('button.unit'), stage: boxes('.stage')[0] };
        });
        assert.ok(texts.length > 20);
        for (const text of texts) {
          // A phone's page has 16 pixels of margin beside the diagram.
          assert.ok(text.left >= Math.max(0, stage.left - 16), `${name}: ${text.text} begins at ${text.left}`);
          for (const map of maps) {
            // The frame of the chosen unit is 4.5 pixels outside of its map.
            const isApart = text.right <= map.left - 5 || text.left >= map.right + 5 || text.bottom <= map.top || text.top >= map.bottom;
            assert.ok(isApart, `${name}: ${text.text} from ${text.left} to ${text.right} is in the frame from ${map.left} to ${map.right}`);
          }
        }
      };
      await clear(`${width}`);
      const sample = await page.evaluate(() => { const { samples } = petal.view().run; return Array.from(samples.y.keys()).find(i => samples.x[2 * i] < 0 && samples.x[2 * i] > -0.01); });
      await page.evaluate(([i, long]) => {
        petal.actions.set({ sample: i, update: 10_000 });
        petal.change({ ...petal.state(), fork: { update: 10_000, parameters: Array.from({ length: 17 }, (_, p) => long[p % 4]) } });
      }, [sample, LONG]);
      await page.waitForFunction(() => petal.shown().fork && !petal.queue.isBusy());
      await clear(`${width}, long numbers`);
    }, { viewport: { width, height: 900 } });
  }
});

browserTest('touch on a phone: the rate, time, a point', () => open(async page => {
  const tap = async (selector, across, down = 0.5) => {
    await page.locator(selector).scrollIntoViewIfNeeded();
    const { x, y, width, height } = await page.locator(selector).boundingBox();
    await page.touchscreen.tap(x + across * width, y + down * height);
    await drawn(page);
  };
  await tap('#settings [aria-label="learning rate"]', 0.4);
  await idle(page);
  assert.notEqual(await shownRate(page), 1.2);
  await tap('#timebar [name=time]', 0.3);
  const { update, last } = await page.evaluate(() => ({ update: petal.view().update, last: petal.view().run.training.updates }));
  assert.ok(update > 0 && update < last / 2, `${update}`);
  await page.getByRole('radio', { name: 'class 0' }).check();
  await page.waitForFunction(() => petal.shown().points?.length === 400);
  await tap('canvas.drawn', 0.5, 0.1);
  await page.waitForFunction(() => petal.shown().points.length === 401);
}, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }));

browserTest('by keyboard alone: from the top to a setting, an edit, a file', () => open(async page => {
  const reach = async (selector, most = 90) => {
    for (let i = 0; i < most; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(wanted => document.activeElement.matches(wanted), selector)) return;
    }
    assert.fail(`${selector} is not reached by Tab`);
  };
  await reach('#settings [aria-label="learning rate"]');
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction(() => petal.view().run.training.learning_rate < 1.2);
  assert.ok(await page.evaluate(() => document.activeElement.matches('[aria-label="learning rate"]')), 'the focus stays');
  await reach('#timebar [name=first]');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => petal.view().update === 0);
  await reach('#fork [name=value]');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('0.5');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => petal.shown().fork?.parameters[0] === 0.5);
  await reach('#again [data-what=config]');
}));
