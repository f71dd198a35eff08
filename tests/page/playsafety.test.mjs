// What the browser itself keeps from the page of the playground, and from pages of other sites. The raw requests of attackers are in
// tests/suite/play/safety.rs.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before } from 'node:test';
import { browserTest as anyBrowserTest, close, openUrl } from './browser.mjs';
import { skip, startServer } from './playprogram.mjs';

let [server, other] = [null, null];
const browserTest = (name, body) => anyBrowserTest(name, body, skip);
/// What other sites serve: all of it would be shown or run.
const asked = [];

before(async () => {
  if (skip) return;
  server = await startServer();
  other = createServer((request, answer) => {
    asked.push(request.url);
    const type = request.url.endsWith('.js') ? 'text/javascript' : request.url.endsWith('.svg') ? 'image/svg+xml' : 'text/html';
    answer.writeHead(200, { 'Content-Type': type, 'Access-Control-Allow-Origin': '*' }).end('<!doctype html><title>another site</title><link rel="icon" href="data:,">');
  });
  await new Promise(done => { other.listen(0, '127.0.0.1', done); });
});
after(async () => {
  await close();
  await server?.close();
  other?.closeAllConnections();
  other?.close();
});

const site = () => `http://127.0.0.1:${other.address().port}`;

browserTest('the page loads nothing from outside and runs no script but its own', () => openUrl(server.address, async page => {
  await page.waitForFunction(() => window.petal?.view());
  asked.length = 0;
  const blocked = await page.evaluate(async origin => {
    const found = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => found.push(effectiveDirective));
    const add = (name, attributes, text = '') => {
      const element = Object.assign(document.createElement(name), { textContent: text });
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      document.body.append(element);
    };
    window.ran = [];
    add('script', {}, 'window.ran.push("inline")');
    add('script', { src: `${origin}/a.js` });
    add('img', { src: `${origin}/a.svg` });
    add('img', { src: 'data:,', onerror: 'window.ran.push("onerror")' });
    add('iframe', { src: `${origin}/frame` });
    add('object', { data: `${origin}/object` });
    add('link', { rel: 'stylesheet', href: `${origin}/a.css` });
    add('style', {}, 'body { color: red }');
    add('p', { style: 'color: red' });
    add('base', { href: `${origin}/` });
    add('form', { action: `${origin}/form`, method: 'post', id: 'leave' });
    document.getElementById('leave').submit();
    add('a', { href: 'javascript:window.ran.push("link")', id: 'run' }, 'link');
    document.getElementById('run').click();
    const failed = async attempt => { try { await attempt(); } catch { return; } window.ran.push(String(attempt)); };
    await failed(() => fetch(`${origin}/fetch`));
    // The browser lets what a test evaluates use eval, but not a timer.
    await failed(() => new Promise((done, no) => { setTimeout(() => { try { done((0, eval)('1')); } catch (error) { no(error); } }); }));
    await failed(() => new Promise((done, no) => { setTimeout(() => { try { done(new Function('return 1')()); } catch (error) { no(error); } }); }));
    setTimeout('window.ran.push("timer")');
    await failed(() => new Promise((done, no) => { const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`); socket.onopen = done; socket.onerror = no; }));
    await failed(async () => { if (!navigator.sendBeacon(`${origin}/beacon`)) throw new Error('not sent'); });
    await failed(() => import(`${origin}/b.js`));
    await failed(() => new Promise((done, no) => { const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))); worker.onmessage = done; worker.onerror = no; }));
    await new Promise(done => { setTimeout(done, 500); });
    return { ran: window.ran, directives: [...new Set(found)].sort(), colour: getComputedStyle(document.body).color };
  }, site());
  assert.deepEqual(blocked.ran.filter(text => !text.includes('sendBeacon')), []);
  assert.deepEqual(asked, []);
  for (const directive of ['script-src-elem', 'script-src-attr', 'script-src', 'img-src', 'frame-src', 'object-src', 'style-src-elem', 'style-src-attr', 'base-uri', 'form-action', 'connect-src']) assert.ok(blocked.directives.includes(directive), `${directive} of ${blocked.directives}`);
  assert.notEqual(blocked.colour, 'rgb(255, 0, 0)');
  assert.ok(page.url().startsWith(server.origin), 'the page is still there');
  assert.ok(await page.evaluate(() => petal.view().cost > 0));
}, { origin: [server.origin, site()], expected: /Content Security Policy|Failed to fetch|violates|Refused|ERR_BLOCKED_BY_CSP/i }));

browserTest('another site gets nothing: no answer to fetch, form, script, picture, frame or socket, and no training', () => openUrl(`${site()}/`, async page => {
  // The other site even knows the token, which no real one does.
  const state = { ...server.start, config: { ...server.start.config, 'train.updates': 10 } };
  const answers = [];
  page.on('response', async response => {
    if (!response.url().startsWith(`http://127.0.0.1:${server.port}`) && !response.url().startsWith(`http://localhost:${server.port}`)) return;
    answers.push([response.request().method(), new URL(response.url()).pathname, response.status()]);
  });
  const got = await page.evaluate(async ([port, token, body]) => {
    const found = {};
    const attempt = async (name, act) => {
      try { found[name] = await act(); } catch (error) { found[name] = `refused: ${error.name}`; }
    };
    const loaded = element => new Promise((done, no) => {
      element.onload = () => done('loaded');
      element.onerror = () => no(new Error('not loaded'));
      document.body.append(element);
    });
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      const to = path => `http://${host}${path}`;
      const text = JSON.stringify(body);
      await attempt(`${host} fetch page`, async () => (await fetch(to('/'))).text());
      await attempt(`${host} fetch start`, async () => (await fetch(to('/start'), { headers: { 'X-Petal-Token': token } })).text());
      await attempt(`${host} fetch train`, async () => (await fetch(to('/train'), { method: 'POST', headers: { 'X-Petal-Token': token, 'Content-Type': 'application/json' }, body: text })).text());
      // Without headers of its own, a request needs no leave of the server.
      await attempt(`${host} fetch train simple`, async () => (await fetch(to('/train'), { method: 'POST', body: text })).text());
      await attempt(`${host} fetch train no-cors`, async () => { const answer = await fetch(to('/train'), { method: 'POST', mode: 'no-cors', body: text }); return `${answer.type} ${(await answer.text()).length}`; });
      await attempt(`${host} script`, () => loaded(Object.assign(document.createElement('script'), { src: to('/start') })));
      await attempt(`${host} script page`, () => loaded(Object.assign(document.createElement('script'), { src: to('/') })));
      await attempt(`${host} picture`, () => loaded(Object.assign(document.createElement('img'), { src: to('/') })));
      await attempt(`${host} socket`, () => new Promise((done, no) => { const socket = new WebSocket(`ws://${host}/train`); socket.onopen = () => done('open'); socket.onerror = no; }));
      await attempt(`${host} events`, () => new Promise((done, no) => { const source = new EventSource(to('/start')); source.onopen = () => done('open'); source.onerror = () => { source.close(); no(new Error('closed')); }; }));
      // A form can send JSON under another name.
      const frame = Object.assign(document.createElement('iframe'), { name: `to-${host}` });
      document.body.append(frame);
      const form = Object.assign(document.createElement('form'), { action: to('/train'), method: 'post', enctype: 'text/plain', target: frame.name });
      form.append(Object.assign(document.createElement('input'), { name: `${text.slice(0, -1)},"x":"`, value: '"}' }));
      document.body.append(form);
      form.submit();
      document.body.append(Object.assign(document.createElement('iframe'), { src: to(`/#token=${token}`) }));
      const opened = window.open(to(`/#token=${token}`));
      await new Promise(done => { setTimeout(done, 800); });
      await attempt(`${host} window`, async () => (opened ? `${opened.document.title} ${typeof opened.petal}` : 'none'));
      opened?.close();
      await attempt(`${host} frames`, async () => [...document.querySelectorAll('iframe')].map(({ contentDocument }) => contentDocument?.body?.innerText ?? 'closed').filter(inside => inside && inside !== 'closed'));
    }
    return found;
  }, [server.port, server.token, state]);
  for (const [name, value] of Object.entries(got)) {
    if (name.endsWith('no-cors')) assert.match(String(value), /^(opaque 0|refused: \w+)$/, name);
    else if (name.endsWith('frames')) assert.deepEqual(value, [], name);
    else assert.match(String(value), /^refused: |^none$/, `${name}: ${String(value).slice(0, 200)}`);
  }
  // Chromium shows its own error page in a frame that is not allowed.
  for (const frame of page.frames().slice(1)) assert.ok(!(await frame.content().catch(() => '')).includes('Petal playground'), frame.url());
  // The only answers with something in them are the page, which has no secret.
  await page.waitForTimeout(300);
  assert.ok(answers.some(([method, path]) => method === 'POST' && path === '/train'), 'requests came to the server');
  for (const [method, path, status] of answers) assert.ok((path === '/' && method === 'GET') || status >= 400, `${method} ${path} ${status}`);
}, { origin: [site(), server.origin, server.origin.replace('127.0.0.1', 'localhost')], expected: /./ }));
