// The playground in Chromium, with a server that trains by the page's own mathematics. Where PETAL_PLAY is the address that `petal play`
// printed, the same tests run with that server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LESSONS, stateOfLesson } from '../../src/page/js/lessons.js';
import { createQueue } from '../../src/page/js/playclient.js';
import { CONTROLS, checkedState, decodeState, encodeState, fragmentOf, fromSlider, playCommand, readFragment, toSlider, withSamples, withSettings } from '../../src/page/js/playstate.js';
import { assertAccessible, browserTest, close, drawn, openUrl, skip, widthCutOff } from './browser.mjs';
import { joinModules, modulesOf } from './join.mjs';
import { START, startServer } from './playserver.mjs';

const isReal = Boolean(process.env.PETAL_PLAY);
let server = null;

before(async () => { if (!skip) server = await startServer(); });
after(async () => {
  await close();
  await server?.close();
});

const rate = 'train.learning_rate';
const withRate = value => withSettings(START, { [rate]: value });

test('a state survives its address, and the address holds no token', () => {
  const state = { ...START, points: [[0.1, -2.5, 1], [3, 4, 0]], table: null };
  assert.deepEqual(decodeState(encodeState(state)), state);
  const named = { ...START, table: { name: 'ä.csv', text: 'a,b\n1,é\n', label: 'b', class_one: null } };
  assert.deepEqual(decodeState(encodeState(named)), named);
  const found = readFragment(`${fragmentOf(state, { update: 12, lesson: 'zero' })}&token=abc`);
  assert.deepEqual(found, { token: 'abc', lesson: 'zero', update: 12, state });
  assert.ok(!fragmentOf(state).includes('token') && /^[\w-]+$/.test(encodeState(state)));
  assert.equal(playCommand(START), `petal play '#s=${encodeState(START)}'`);
});

test('a state that is too long is in no link, and one that is none is refused with a reason', () => {
  const points = count => ({ ...START, points: Array.from({ length: count }, () => [0.25, 0.5, 1]) });
  assert.ok(encodeState(points(2000)));
  assert.equal(encodeState(points(2001)), null);
  assert.equal(playCommand(points(2001)), null);
  for (const wrong of [null, 3, {}, { config: [] }, { config: {}, points: [[1, 2]] }, { config: {}, fork: {} }, { config: {}, table: { text: 1 } }]) assert.throws(() => checkedState(wrong), /no state/);
  assert.match(readFragment('#s=%%').problem, /cannot be read/);
});

test('other data drop what belongs to the data before', () => {
  const forked = { ...START, fork: { update: 3, parameters: [] } };
  assert.equal(withSettings(forked, { [rate]: 2 }).fork, forked.fork);
  assert.equal(withSettings(forked, { 'model.hidden': 5 }).fork, null);
  const moons = withSettings({ ...START, points: [[1, 2, 1]] }, { 'data.kind': 'moons' });
  assert.deepEqual([moons.points, 'data.noise' in moons.config], [null, false]);
  const table = withSamples(START, { table: { name: 'a.csv', text: '' } });
  assert.ok(!('split.test' in table.config) && !('data.standardise' in table.config));
  assert.ok(!('train.batch_size' in withSettings(START, { 'train.batch_size': undefined }).config));
  assert.ok(!('model.init_scale' in withSettings(START, { 'model.init': 'he' }).config));
  // The same kind again: back from drawn points.
  assert.equal(withSettings({ ...START, points: [] }, { 'data.kind': 'flower' }).points, null);
});

test('sliders lead to their numbers and back', () => {
  for (const spec of CONTROLS.filter(({ range }) => range)) {
    const [low, high] = spec.range;
    assert.equal(fromSlider(spec, 1000), high, spec.key);
    assert.equal(fromSlider(spec, 0), spec.zero ? 0 : low, spec.key);
    for (const position of [130, 500, 870]) {
      const value = fromSlider(spec, position);
      const step = spec.log ? 0.06 * value : (spec.step ?? 1);
      assert.ok(Math.abs(fromSlider(spec, toSlider(spec, value)) - value) <= step, `${spec.key} ${value}`);
    }
  }
});

test('only the latest state follows a training, and never two at once', async () => {
  const [seen, finish] = [[], []];
  const queue = createQueue(state => { seen.push(state); return new Promise(done => { finish.push(done); }); }, 200);
  for (const state of [1, 2, 3]) queue.ask(state);
  assert.deepEqual(seen, [1]);
  finish[0]();
  await new Promise(setImmediate);
  assert.deepEqual(seen, [1, 3]);
  queue.ask(4);
  finish[1]();
  await new Promise(setImmediate);
  finish[2]();
  await new Promise(setImmediate);
  assert.deepEqual([seen, queue.isBusy()], [[1, 3, 4], false]);
});

test('a training that was long enough on the screen ends for a newer state', async () => {
  const ended = [];
  const queue = createQueue((state, signal) => new Promise(done => { signal.addEventListener('abort', () => { ended.push(state); done(); }); if (state === 2) done(); }), 20);
  queue.ask(1);
  await new Promise(done => { setTimeout(done, 60); });
  assert.deepEqual(ended, []);
  queue.ask(2);
  await new Promise(done => { setTimeout(done, 30); });
  assert.deepEqual(ended, [1]);
});

test('lessons have at most 120 words, differ, and are states that the page can hold', () => {
  assert.ok(LESSONS.length >= 11);
  assert.equal(new Set(LESSONS.map(({ id }) => id)).size, LESSONS.length);
  for (const lesson of LESSONS) {
    const words = [lesson.ask, ...lesson.answers, ...lesson.say].join(' ').split(/\s+/).length;
    assert.ok(words <= 120, `${lesson.id}: ${words} words`);
    const state = stateOfLesson(lesson, { ...START, config: { ...START.config, 'train.patience': 3 } });
    assert.deepEqual(checkedState(state), state);
    assert.ok(!('train.patience' in state.config), lesson.id);
    if (state.fork) assert.equal(state.fork.parameters.length, 17);
  }
  const { parameters } = stateOfLesson(LESSONS.find(({ id }) => id === 'symmetry'), START).fork;
  assert.deepEqual(parameters, [0.5, 0.5, 0.5, 0.5, -0.3, -0.3, -0.3, -0.3, 0, 0, 0, 0, 0.1, 0.1, 0.1, 0.1, 0]);
});

test('the script joins into one that Rust can embed', () => {
  const script = joinModules('play');
  assert.ok(!/^(import|export)\b|<\/script|<!--|^\/\//m.test(script));
  console.log(`script of the playground ${script.length} bytes; modules in order: ${modulesOf('play').map(({ name }) => name).join(' ')}`);
});

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
  assert.ok(accuracy > 0.8, `${accuracy}`);
  for (const id of ['picture', 'diagram']) assert.ok(await page.locator(`#${id} canvas`).first().isVisible());
  assert.match(await page.locator('#outcome').innerText(), /of the training samples are right/);
}));

browserTest('without a token the page says what to do, and takes the printed address', () => openUrl(`${server.origin}/`, async page => {
  await page.getByLabel('The address that petal play printed').fill(server.address);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.waitForFunction(() => window.petal.view());
  assert.ok(!page.url().includes('token'));
}, { origin: server.origin }));

browserTest('dragging the rate through 40 values shows the last one, and nothing older after something newer', () => open(async page => {
  const asked = server.asked.length;
  const seen = await page.evaluate(async () => {
    const slider = document.querySelector('#settings [aria-label="learning rate"]');
    const list = [];
    for (let i = 1; i <= 40; i++) {
      slider.value = 620 + 4 * i;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise(requestAnimationFrame);
      list.push(petal.view().run.training.learning_rate);
    }
    return list;
  });
  await idle(page);
  const last = fromSlider(CONTROLS.find(({ key }) => key === rate), 780);
  assert.equal(await shownRate(page), last);
  assert.equal(await setting(page, rate).inputValue(), String(last));
  seen.slice(2).forEach((value, i) => assert.ok(value >= seen[i + 1], `${value} after ${seen[i + 1]}`));
  const rates = server.asked.slice(asked).map(({ config }) => config[rate]);
  assert.equal(rates.at(-1), last);
  assert.deepEqual(rates, [...rates].sort((a, b) => a - b));
}));

browserTest('the slider keeps its place when another training comes, and the run before is a ghost', () => open(async page => {
  assert.equal(await page.locator('.ghost').count(), 0);
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
  await page.getByLabel('show the run before beside this one').check();
  assert.ok(await page.locator('#before canvas').isVisible());
  assert.match(await page.locator('#before > .caption').innerText(), /The run before, after update/);
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
  assert.ok(!await page.locator('[name=copy-command]').isVisible());
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

browserTest('a lesson asks first, then shows; its link opens it', () => open(async page => {
  assert.equal(await page.locator('#lessons select').inputValue(), 'symmetry');
  assert.equal(await page.locator('.told').innerText(), '');
  await page.getByRole('button', { name: 'the same', exact: true }).click();
  await page.waitForFunction(() => petal.shown().fork?.update === 0);
  assert.match(await page.locator('.told').innerText(), /You guessed it/);
  const { w1 } = await page.evaluate(() => ({ w1: [...petal.view().network.values.slice(0, 4)] }));
  for (const weight of w1) assert.ok(Math.abs(weight - w1[0]) < 1e-12, `${w1}`);
  await page.waitForFunction(() => location.hash.includes('lesson=symmetry'));
  await page.getByRole('button', { name: 'close the lesson' }).click();
  assert.ok(!await page.locator('.lesson').isVisible());
}, { more: '&lesson=symmetry' }));

browserTest('every lesson trains, and most of what the lessons say is on the screen', () => open(async page => {
  const result = {};
  for (const { id, answers } of LESSONS) {
    await page.locator('#lessons select').selectOption(id);
    await page.locator('.answers button').nth(answers.length - 1).click();
    await page.waitForFunction(() => petal.shown() === petal.state());
    result[id] = await page.evaluate(() => ({ accuracy: petal.view().accuracy, validation: petal.view().validation?.accuracy, values: [...petal.view().network.values], diverged: petal.view().run.divergence !== null }));
  }
  assert.ok(result.zero.values.slice(0, 16).every(value => value === 0));
  if (!isReal) return;
  assert.ok(result['large-rate'].diverged);
  assert.ok(result.line.accuracy < 0.75 && result.logistic.accuracy < 0.75, JSON.stringify([result.line.accuracy, result.logistic.accuracy]));
  assert.ok(result.memory.accuracy === 1 && Math.abs(result.memory.validation - 0.5) < 0.15, JSON.stringify([result.memory.accuracy, result.memory.validation]));
  assert.ok(result['small-rate'].accuracy < 0.8, `${result['small-rate'].accuracy}`);
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
  assert.match(await clipboard('copy “petal play”'), /^petal play '#s=[\w-]+'$/);
  assert.match(await clipboard('copy the command'), /petal\S* train configs\/default.toml/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'config.toml' }).click()]);
  assert.equal(download.suggestedFilename(), 'config.toml');
}));

browserTest('with the server gone, the page says so, keeps its state, and shows the command that starts it again', async () => {
  const own = await startServer();
  await openUrl(own.address, async page => {
    await page.waitForFunction(() => window.petal?.view());
    await own.close();
    await setting(page, rate).fill('0.3');
    await page.waitForFunction(() => document.querySelector('#message pre'));
    assert.match(await page.locator('#message').innerText(), /does not answer/);
    const state = decodeState(/#s=([\w-]+)/.exec(await page.locator('#message pre').innerText())[1]);
    assert.deepEqual(state, withRate(0.3));
    assert.equal(await shownRate(page), 1.2);
  }, { origin: own.origin, expected: /ERR_/ });
}, isReal);

browserTest('two tabs do not disturb each other', () => open(async one => open(async two => {
  await setting(one, rate).fill('0.4');
  await setting(two, rate).fill('0.6');
  await one.waitForFunction(() => petal.view().run.training.learning_rate === 0.4);
  await two.waitForFunction(() => petal.view().run.training.learning_rate === 0.6);
})));

browserTest('widths, light and dark: nothing is cut off, axe finds no fault', async () => {
  for (const [width, colorScheme] of [[1440, 'light'], [1024, 'dark'], [390, 'light'], [390, 'dark'], [1440, 'dark']]) {
    await open(async page => {
      await page.locator('#lessons select').selectOption('zero');
      await page.getByRole('button', { name: 'nothing', exact: true }).click();
      await page.waitForFunction(() => petal.shown().fork);
      for (const id of ['sample', 'next-update', 'again']) { await page.locator(`#${id}`).scrollIntoViewIfNeeded(); await drawn(page); }
      assert.equal(await widthCutOff(page), 0, `${width}`);
      await assertAccessible(page, `playground ${width} ${colorScheme}`);
    }, { viewport: { width, height: 900 }, colorScheme });
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
