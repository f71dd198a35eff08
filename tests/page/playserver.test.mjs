// The page of the playground and its server over time: many tabs, a server that is killed and started again, states in links and files.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { decodeState } from '../../src/page/js/playstate.js';
import { openUrl } from './browser.mjs';
import { browserTest, server, startServer, useServer } from './playprogram.mjs';

useServer();

const rate = 'train.learning_rate';
const setting = (page, key) => page.locator(`#settings [name="${key}"]`);
const ready = page => page.waitForFunction(() => window.petal?.view() && petal.shown() === petal.state());
const open = (steps, options = {}) => openUrl(server.address, async page => { await ready(page); await steps(page); }, { origin: server.origin, ...options });
const numbers = page => page.evaluate(() => ({ update: petal.view().update, cost: petal.view().cost, values: [...petal.view().network.values] }));
/// Half a minute of work, which its test ends before.
const long = start => ({ ...start, config: { ...start.config, 'train.engine': 'autodiff', 'train.updates': 100_000 } });

// A browser has at most 6 connections to a host. The tabs share one browser, so that a seventh training waits for a connection.
browserTest('seven tabs at once have their own answers', () => open(async first => {
  const context = first.context();
  const tabs = [first, ...await Promise.all(Array.from({ length: 6 }, () => context.newPage()))];
  for (const tab of tabs.slice(1)) await tab.goto(server.address);
  await Promise.all(tabs.map(ready));
  for (let round = 1; round <= 3; round++) {
    await Promise.all(tabs.map((tab, i) => tab.evaluate(([key, value]) => {
      const field = document.querySelector(`#settings [name="${key}"]`);
      field.value = value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }, [rate, round + i / 10])));
    await Promise.all(tabs.map(ready));
    const shown = await Promise.all(tabs.map(tab => tab.evaluate(() => petal.view().run.training.learning_rate)));
    assert.deepEqual(shown, tabs.map((_, i) => round + i / 10));
  }
}));

browserTest('a second tab waits for a place, says so, and gets its training when the first tab is closed', () => open(async first => {
  const second = await first.context().newPage();
  await second.goto(server.address);
  await ready(second);
  // As many trainings as there may be at once, and one more in the second tab.
  const places = Math.max(1, availableParallelism() - 1);
  const busy = [first, ...await Promise.all(Array.from({ length: places - 1 }, () => first.context().newPage()))];
  for (const tab of busy.slice(1)) { await tab.goto(server.address); await ready(tab); }
  for (const tab of busy) await tab.evaluate(state => petal.change(state), long(server.start));
  for (const tab of busy) await tab.waitForFunction(() => /Training: update/.test(document.querySelector('#outcome').innerText));
  await setting(second, rate).fill('0.4');
  await second.waitForFunction(() => /waits/.test(document.querySelector('#message').innerText));
  await Promise.all(busy.map(tab => tab.close()));
  await second.waitForFunction(() => petal.view().run.training.learning_rate === 0.4);
}));

for (const port of ['the same port', 'another port']) {
  browserTest(`a server that is killed in the middle of a training and started again at ${port}`, async () => {
    const own = await startServer();
    const origins = [own.origin];
    let again = null;
    try {
      await openUrl(own.address, async page => {
        await ready(page);
        const before = await numbers(page);
        await page.evaluate(state => petal.change(state), long(own.start));
        await page.waitForFunction(() => /Training: update/.test(document.querySelector('#outcome').innerText));
        await own.kill();

        // The page says so, keeps what it shows and its state, and has the command.
        await page.waitForFunction(() => document.querySelector('#message pre'));
        assert.match(await page.locator('#message').innerText(), /^The server ended the training before its last line\. The page keeps its state\. This starts the server again with it:/);
        assert.deepEqual(await numbers(page), before);
        await setting(page, 'train.updates').fill('300');
        await page.waitForFunction(() => /^The server does not answer\. The page/.test(document.querySelector('#message').innerText));
        const command = await page.locator('#message pre').innerText();
        const wanted = { ...long(own.start), config: { ...long(own.start).config, 'train.updates': 300 } };
        assert.deepEqual(decodeState(/^petal play '#s=([\w-]+)&update=\d+'$/.exec(command)[1]), wanted);

        // The command, as a shell would run it.
        again = await startServer(/'(.*)'/.exec(command)[1], ...(port === 'the same port' ? ['--port', String(own.port)] : []));
        assert.deepEqual(again.start, wanted);
        origins.push(again.origin);
        await page.goto(again.address);
        await page.waitForFunction(() => window.petal?.view()?.run.training.updates === 300);
        assert.deepEqual(await page.evaluate(() => petal.state()), wanted);
        assert.equal(await page.locator('#message').innerText(), '');
        assert.ok(!page.url().includes('token'));
      }, { origin: origins, expected: /ERR_|403/ });
    } finally {
      await own.close();
      await again?.close();
    }
  });
}

browserTest('a page begins at the update and in the lesson of the link that the program was given', async () => {
  const own = await startServer('#lesson=zero&s=eyJjb25maWciOnt9fQ&update=700'); // {"config":{}}
  try {
    await openUrl(own.address, async page => {
      await ready(page);
      assert.equal((await numbers(page)).update, 700);
      assert.equal(await page.locator('#lessons select').inputValue(), 'zero');
    }, { origin: own.origin });
  } finally {
    await own.close();
  }
});

browserTest('a server that was started again without the state gets it from the page', async () => {
  const own = await startServer();
  const origins = [own.origin];
  let again = null;
  try {
    await openUrl(own.address, async page => {
      await ready(page);
      await setting(page, rate).fill('0.7');
      await page.waitForFunction(() => petal.view().run.training.learning_rate === 0.7);
      await own.kill();
      again = await startServer('--port', String(own.port));
      await setting(page, 'train.updates').fill('400');
      // Leaving the field asks once more, and the answer has its own sentence.
      await setting(page, 'train.updates').press('Tab');
      await page.waitForFunction(() => document.querySelector('#message form') && !petal.queue.isBusy());
      const field = page.getByLabel('The address that petal play printed');
      await field.fill('http://[');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('#message').innerText.startsWith('This is not such an address.'));
      await field.fill(again.address.replace('127.0.0.1', 'example.com'));
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('#message').innerText.startsWith('This is not such an address.'));
      await field.fill(again.address);
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => petal.view().run.training.updates === 400);
      assert.equal(await page.evaluate(() => petal.view().run.training.learning_rate), 0.7);

      // At another port, the page of that server takes over.
      const other = await startServer();
      origins.push(other.origin);
      try {
        await again.kill();
        await page.evaluate(() => sessionStorage.clear());
        await setting(page, 'train.updates').fill('500');
        await page.waitForFunction(() => document.querySelector('#message pre'));
        again = await startServer('--port', String(own.port));
        await page.getByRole('button', { name: 'Try again' }).click();
        await field.fill(other.address);
        await page.keyboard.press('Enter');
        await page.waitForURL(`${other.origin}/**`);
        await page.waitForFunction(() => window.petal?.view()?.run.training.updates === 500);
        assert.equal(await page.evaluate(() => petal.view().run.training.learning_rate), 0.7);
        assert.ok(!page.url().includes('token'));
      } finally {
        await other.close();
      }
    }, { origin: origins, expected: /ERR_|403/ });
  } finally {
    await own.close();
    await again?.close();
  }
});

browserTest('2,000 drawn points are in the link, 2,001 in a file that is opened by dropping it', () => open(async page => {
  const points = Array.from({ length: 2000 }, (_, i) => [Number(Math.sin(i).toPrecision(4)), Number(Math.cos(1.7 * i).toPrecision(4)), i % 2]);
  const draw = list => page.evaluate(next => petal.change({ ...petal.state(), config: { ...petal.state().config, 'train.updates': 100 }, points: next }), list);
  await draw(points);
  await ready(page);
  await page.waitForFunction(() => location.hash.length > 20_000);
  const link = page.url();
  console.log(`a link with 2,000 points has ${link.length} characters`);
  const second = await page.context().newPage();
  await second.goto(link.replace('#', `#token=${server.token}&`));
  await ready(second);
  assert.deepEqual(await second.evaluate(() => petal.shown().points), points);
  assert.deepEqual(await numbers(second), await numbers(page));

  await draw([...points, [0.5, 0.25, 1]]);
  await ready(page);
  await page.waitForFunction(() => !location.hash.includes('s='));
  const before = await numbers(page);
  await page.getByRole('button', { name: 'copy a link' }).click();
  await page.waitForFunction(() => /too long for a link. Save the state as a file/.test(document.querySelector('.copied').innerText));
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'save the state' }).click()]);
  const chunks = await (await download.createReadStream()).toArray();
  await second.evaluate(([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [download.suggestedFilename(), Buffer.concat(chunks).toString()]);
  await second.waitForFunction(() => petal.shown().points?.length === 2001);
  assert.deepEqual(await second.evaluate(() => petal.state()), await page.evaluate(() => petal.state()));
  assert.deepEqual(await numbers(second), before);
}));

// As many trainings as would show 1 MB that stays of each. An engine that leaves its records of autodiff in memory, as the manual one once
// did, grows by 5 KB an update, which would be 5 MB a training here.
browserTest('the server does not grow from training to training', async () => {
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
  for (const engine of ['fused', 'manual', 'autodiff']) {
    const state = { ...server.start, config: { ...server.start.config, 'train.engine': engine, 'train.updates': 1000 } };
    const train = async count => { for (let i = 0; i < count; i++) assert.equal((await server.ask('/train', state)).status, 200); };
    // The first trainings fill what the allocator and the threads keep.
    await train(6);
    const before = memory();
    await train(15);
    const grown = memory() - before;
    assert.ok(grown < 15, `${engine}: ${grown.toFixed(1)} MB after 15 trainings`);
  }
}, !existsSync('/proc/self/status'));
