// How many whole trainings a second `petal play` shows while the learning rate is dragged, in headless Chromium.
//
//     cargo build && npm install --prefix tests/page        # once
//     node benches/playground.mjs                           # --seconds 5, --program target/debug/petal, --profile FILE
//     node benches/playground.mjs --sources                 # the page as src/page has it now, without a build
//     node benches/playground.mjs --updates 1000            # shorter trainings: what the page alone can do
//
// The mouse drags the slider of the learning rate of the default network back and forth. After each frame that was painted, the page
// says which training it shows. Counted are trainings that were in such a frame, each once. The time of a change is that of its input
// event. Where other programs have the processor, compare the processor time, which is given for each training.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { buildPage } from '../tests/page/join.mjs';

const { chromium } = createRequire(new URL('../tests/page/', import.meta.url))('playwright-core');
const { values: options } = parseArgs({ options: {
  seconds: { type: 'string', default: '5' }, program: { type: 'string', default: 'target/debug/petal' }, profile: { type: 'string' }, sources: { type: 'boolean' }, updates: { type: 'string' },
} });
const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/// Runs in the page: notes when the slider changed, and which training each painted frame shows.
function watch() {
  const [changes, shown] = [[], []];
  const { port1, port2 } = new MessageChannel();
  let [seen, note] = [null, () => {}];
  const changed = ({ timeStamp }) => changes.push({ at: timeStamp, rate: petal.state().config['train.learning_rate'] });
  for (const type of ['input', 'keydown']) document.querySelector('#set-train-learning_rate ~ [type=range]').addEventListener(type, changed);
  // A message that is sent in a frame arrives once the frame is painted.
  port1.onmessage = () => note();
  const frame = () => {
    const run = petal.view()?.run;
    // What is shown of a training that is under way does not count.
    const isWhole = run && run.training.updates === run.training.planned_updates;
    note = () => { if (isWhole && run !== seen) shown.push({ at: performance.now(), rate: run.training.learning_rate }); seen = run; };
    port2.postMessage(0);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  window.watched = { changes, shown };
}

const median = (list, share = 0.5) => [...list].sort((a, b) => a - b)[Math.floor(share * (list.length - 1))];
const milliseconds = list => `${median(list)?.toFixed(1)} ms (90 %: ${median(list, 0.9)?.toFixed(1)} ms, ${list.length} measured)`;
/// The processor time of a process in seconds, where Linux says it.
const processorTime = pid => {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).map(Number);
    return (user + system) / 100;
  } catch {
    return NaN;
  }
};

/// Moves the mouse along the slider and back until the time is over.
async function drag(page, slider, seconds) {
  await page.waitForFunction(() => !petal.queue.isBusy());
  const { x, y, width, height } = await slider.boundingBox();
  const end = Date.now() + 1000 * seconds;
  await page.mouse.move(x + 0.6 * width, y + height / 2);
  await page.mouse.down();
  // Rates from 0.3 to 8: none of these trainings diverges.
  for (let i = 0; Date.now() < end; i++) await page.mouse.move(x + width * (0.635 + 0.14 * Math.sin(i / 40)), y + height / 2);
  await page.mouse.up();
}

/// The times from single changes to their pictures.
async function single(page, slider, count) {
  const times = [];
  for (let i = 0; i < count; i++) {
    await page.waitForFunction(() => !petal.queue.isBusy());
    const rate = await page.evaluate(() => petal.view().run.training.learning_rate);
    await slider.press(i % 2 ? 'ArrowLeft' : 'ArrowRight');
    await page.waitForFunction(before => watched.shown.length && watched.shown.at(-1).rate !== before, rate);
    times.push(await page.evaluate(() => watched.shown.at(-1).at - watched.changes.at(-1).at));
  }
  return times;
}

const server = spawn(options.program, ['play', '--no-open'], { stdio: ['ignore', 'pipe', 'inherit'] });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  let address = null;
  for await (const line of createInterface({ input: server.stdout })) if ((address = /http:\S+/.exec(line)?.[0])) break;
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  if (options.sources) {
    const html = buildPage({}, { title: 'Petal playground', playground: true }, { entry: 'play', template: 'play.html' });
    await page.route(new URL('/', address).href, route => route.fulfill({ body: html, contentType: 'text/html' }));
  }
  await page.goto(address);
  await page.waitForFunction(() => window.petal?.view());
  if (options.updates) await page.evaluate(updates => petal.change({ ...petal.state(), config: { ...petal.state().config, 'train.updates': updates } }), Number(options.updates));
  await page.evaluate(watch);
  const slider = page.locator('#set-train-learning_rate ~ [type=range]');
  await drag(page, slider, 1);

  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const metrics = async () => Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  if (options.profile) {
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: 200 });
    await session.send('Profiler.start');
  }
  const [before, beforeServer] = [await metrics(), processorTime(server.pid)];
  await page.evaluate(() => { watched.changes.length = watched.shown.length = 0; });
  await drag(page, slider, Number(options.seconds));
  const [{ changes, shown }, after, afterServer] = [await page.evaluate(() => watched), await metrics(), processorTime(server.pid)];
  if (options.profile) writeFileSync(options.profile, JSON.stringify((await session.send('Profiler.stop')).profile));

  const waits = shown.flatMap(({ at, rate }) => {
    const change = changes.findLast(change => change.rate === rate && change.at < at);
    return change ? [at - change.at] : [];
  });
  const gaps = shown.slice(1).map(({ at }, i) => at - shown[i].at);
  const each = name => `${((1000 * (after[name] - before[name])) / shown.length).toFixed(1)} ms`;
  console.log(`Chromium ${browser.version()}, ${cpus().length} cores (${cpus()[0].model}), window 1280 x 800`);
  console.log(`trainings shown a second      ${(shown.length / (shown.at(-1).at - shown[0].at) * 1000).toFixed(1)} (${shown.length}, of ${changes.length} changes)`);
  console.log(`from one to the next          ${milliseconds(gaps)}`);
  console.log(`from a change to its picture  ${milliseconds(waits)}`);
  console.log(`  one change at a time        ${milliseconds(await single(page, slider, 20))}`);
  console.log(`processor time per training   server ${((1000 * (afterServer - beforeServer)) / shown.length).toFixed(1)} ms, page ${each('TaskDuration')} (script ${each('ScriptDuration')}, style ${each('RecalcStyleDuration')}, layout ${each('LayoutDuration')})`);
} finally {
  await browser.close();
  server.kill('SIGINT');
}
