// Clicks, keys, drags, files and texts at random for PETAL_MONKEY_SECONDS (20): the page of the playground has no error, answers as at the
// beginning, and neither it nor its server grows. The choices follow from PETAL_MONKEY_SEED (1), their times do not. Ten minutes:
//
//     PETAL_MONKEY_SECONDS=600 node --test tests/page/playmonkey.test.mjs

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { browserTest, close, openUrl } from './browser.mjs';
import { randomNumbers } from './fixtures.mjs';
import { skip, startServer } from './playprogram.mjs';

const seconds = Number(process.env.PETAL_MONKEY_SECONDS ?? 20);
const seed = Number(process.env.PETAL_MONKEY_SEED ?? 1);
/// In bytes. The page keeps two runs, the one on the screen and the one before, which are the same at both measurements. The samples,
/// frames and history of the default run are 0.2 MB: a page that kept those of each training would grow by more than this in 20 seconds,
/// and by 200 MB in ten minutes. Ten minutes with 1,177 trainings were measured at 2.5 MB, most of it parts that are drawn when they first
/// come into sight, and compiled code.
const HEAP_GROWTH = 4e6;
/// The allocator keeps what was once needed: 50 MB for the pictures of a GIF, and 10 MB for the widest networks. Whether a training leaves
/// something behind is tested without them in playserver.test.mjs.
const SERVER_GROWTH = 100e6;

const TEXTS = ['', '0', '1', '3', '7', '50', '0.5', '1e9', '-1', '1e999', 'abc', '99999999999999999999', '0.001', '200', '2', '<b>', '１'];
const KEYS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown', 'Tab', 'Shift+Tab', 'Enter', ' ', 'Shift+ArrowLeft', 'Escape', 'Backspace', 'Delete'];
const FILES = [
  ['good.csv', `a,b,kind\n${Array.from({ length: 40 }, (_, i) => `${(i * 7) % 40},${(i * i) % 11},${i % 3 ? 'x' : 'y'}`).join('\n')}\n`],
  ['wide.csv', `${Array.from({ length: 30 }, (_, j) => `c${j}`)},y\n${Array.from({ length: 30 }, (_, i) => `${Array.from({ length: 30 }, (_, j) => (i * (j + 3)) % 17)},${i % 2}`).join('\n')}\n`],
  ['wrong.csv', 'a,b\n1,2,3\n'], ['one.csv', 'a,b,y\n1,2,0\n'], ['empty.csv', ''], ['state.json', '{"config":{"model.hidden":2}}'], ['wrong.json', '{"config":[]}'],
];

let server = null;
after(async () => {
  await close();
  await server?.close();
});

/// The bytes of memory that the server has, where the system says so.
function serverMemory() {
  try {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);
  } catch {
    return null;
  }
}

browserTest(`${seconds} seconds of clicking, typing and dragging at random, seed ${seed}`, async () => {
  server = await startServer();
  await openUrl(server.address, async page => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.waitForFunction(() => window.petal?.view());
    page.on('filechooser', chooser => chooser.setFiles(asFile(FILES[3])).catch(() => {}));
    const inspector = await page.context().newCDPSession(page);
    const { uniform } = randomNumbers(seed);
    const pick = list => list[Math.floor(uniform() * list.length)];
    const size = page.viewportSize();
    const place = () => [uniform() * size.width, uniform() * size.height];

    /// The first state, twice, so that the run before is the same too; then what is in memory and on the page.
    async function settle() {
      for (const updates of [9999, server.start.config['train.updates']]) {
        await page.evaluate(([state, count]) => petal.change({ ...state, config: { ...state.config, 'train.updates': count } }, Infinity), [server.start, updates]);
        await page.waitForFunction(() => petal.shown() === petal.state() && !petal.queue.isBusy(), null, { timeout: 90_000 });
      }
      await inspector.send('HeapProfiler.collectGarbage');
      const { usedSize } = await inspector.send('Runtime.getHeapUsage');
      const { nodes, jsEventListeners } = await inspector.send('Memory.getDOMCounters');
      return { heap: usedSize, nodes, listeners: jsEventListeners, server: serverMemory(), numbers: await page.evaluate(() => [petal.view().cost, ...petal.view().network.values]) };
    }

    const ACTIONS = {
      click: () => page.mouse.click(...place()),
      drag: async () => {
        await page.mouse.move(...place());
        await page.mouse.down();
        await page.mouse.move(...place(), { steps: 4 });
        await page.mouse.up();
      },
      wheel: () => page.mouse.wheel(0, 800 * (uniform() - 0.5)),
      key: () => page.keyboard.press(pick(KEYS)),
      type: () => page.keyboard.type(pick(TEXTS)),
      field: async () => write(pick(await page.locator('input[type=text]:visible').all()), pick(TEXTS)),
      slide: async () => slide(pick(await page.locator('input[type=range]:visible').all()), uniform()),
      choose: async () => choose(pick(await page.locator('select:visible').all()), uniform()),
      press: async () => pick(await page.locator('button:visible, input[type=radio]:visible, input[type=checkbox]:visible').all())?.click({ timeout: 500 }),
      draw: async () => page.locator('#draw input').nth(1 + Math.floor(3 * uniform())).check({ timeout: 500 }),
      file: () => page.locator('#table input[type=file]').setInputFiles(asFile(pick(FILES))),
      window: () => page.setViewportSize({ width: pick([390, 800, 1280]), height: size.height }),
      scheme: () => page.emulateMedia({ colorScheme: pick(['light', 'dark']) }),
      address: () => page.evaluate(text => { location.hash = text; }, pick(['#lesson=zero', '#s=%%', '#update=7', '#s=eyJjb25maWciOnsibW9kZWwuaGlkZGVuIjowfX0', ''])),
    };

    const [log, first] = [[], await settle()];
    const asked = { trainings: 0 };
    page.on('request', request => { if (request.url().endsWith('/train')) asked.trainings += 1; });
    const until = performance.now() + 1000 * seconds;
    try {
      while (performance.now() < until) {
        const name = pick(Object.keys(ACTIONS));
        log.push(name);
        // What was picked may have gone in the meantime, and something else may lie over it.
        await ACTIONS[name]().catch(error => { if (!/Timeout|not attached|not visible|disabled|intercepts|outside/i.test(error.message)) throw error; });
        assert.ok(!/NaN|undefined|\[object/.test(await page.locator('#outcome, #message').allInnerTexts().then(String)), 'no number');
      }
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: null });
      const last = await settle();
      console.log(`${log.length} actions, ${asked.trainings} trainings`, Object.fromEntries(Object.keys(ACTIONS).map(name => [name, log.filter(one => one === name).length])));
      const kept = ({ heap, nodes, listeners, server: bytes }) => `heap ${(heap / 1e6).toFixed(2)} MB, ${nodes} nodes, ${listeners} listeners, server ${bytes && (bytes / 1e6).toFixed(1)} MB`;
      console.log(`before: ${kept(first)}\nafter:  ${kept(last)}`);
      assert.deepEqual(last.numbers, first.numbers);
      assert.ok(last.heap - first.heap < HEAP_GROWTH, kept(last));
      assert.ok(last.server === null || last.server - first.server < SERVER_GROWTH, kept(last));
      assert.equal(server.errors(), '');
    } catch (error) {
      console.log(`the last actions: ${log.slice(-30).join(' ')}`);
      throw error;
    }
  }, { origin: server.origin, expected: /status of (400|413|422)/ });
}, skip);

const asFile = ([name, text]) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

async function write(field, text) {
  await field?.fill(text, { timeout: 500 });
}

async function slide(range, share) {
  const box = await range?.boundingBox({ timeout: 500 });
  if (!box) return;
  const page = range.page();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + share * box.width, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
}

async function choose(select, share) {
  const count = await select?.locator('option').count();
  if (count) await select.selectOption({ index: Math.floor(share * count) }, { timeout: 500 });
}
