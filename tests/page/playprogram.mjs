// `petal play`, started for a test, so that the page is tested with the server that users have. PETAL_PROGRAM is the program; without it,
// it is the one that `cargo build` made here. Where there is none, or one without the playground, its tests are skipped with a line.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before } from 'node:test';
import { browserTest as anyBrowserTest, close, skip as withoutBrowser } from './browser.mjs';

export const program = resolve(process.env.PETAL_PROGRAM ?? new URL('../../target/debug/petal', import.meta.url).pathname);
const reason = !existsSync(program) ? `${program} is not there` : spawnSync(program, ['play', '--help']).status !== 0 ? `${program} has no playground` : null;
if (reason && process.env.PETAL_PROGRAM) throw new Error(`PETAL_PROGRAM: ${reason}`);
if (reason) console.log(`tests of the playground skipped: ${reason}`);

export const skip = withoutBrowser || reason !== null;

/// Starts `petal play --no-open` with more arguments. What it returns ends it: `close()` as Ctrl-C does, `kill()` at once.
export async function startServer(...more) {
  const child = spawn(program, ['play', '--no-open', ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', bytes => { errors += bytes; });
  const ended = new Promise(done => { child.on('exit', (code, signal) => done(signal ?? code)); });
  const end = signal => () => { child.kill(signal); return ended; };

  const address = await new Promise((done, failed) => {
    let text = '';
    child.stdout.on('data', bytes => {
      text += bytes;
      const found = /http:\S+(?=\n)/.exec(text);
      if (found) done(found[0]);
    });
    child.on('exit', code => failed(new Error(`petal play ended with ${code}: ${errors}`)));
  });
  const { origin, port, hash } = new URL(address);
  const token = new URLSearchParams(hash.slice(1)).get('token');

  /// What the page asks, without the page.
  async function ask(path, body) {
    const headers = { 'X-Petal-Token': token, Connection: 'close', ...(body === undefined ? {} : { Origin: origin, 'Content-Type': 'application/json' }) };
    const answer = await fetch(`${origin}${path}`, { method: body === undefined ? 'GET' : 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, text: await answer.text() };
  }

  const { state, lessons } = JSON.parse((await ask('/start')).text);
  return { address, origin, token, port: Number(port), pid: child.pid, ask, start: state, lessons, errors: () => errors, ended, close: end('SIGINT'), kill: end('SIGKILL') };
}

/// The server of the tests of a file that calls `useServer`.
export let server = null;

/// One server for all tests of a file. It and the browser end with them.
export function useServer() {
  before(async () => { if (!skip) server = await startServer(); });
  after(async () => {
    await close();
    await server?.close();
  });
}

export const browserTest = (name, body, skipped = false) => anyBrowserTest(name, body, skip || skipped);
