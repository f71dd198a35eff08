// The rules that let Rust join the modules into one classic script.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';
import { buildPage, joinModules, modulesOf, namesOf, readPart } from './join.mjs';
import { HOSTILE, RUNS } from './fixtures.mjs';
import { wordsFor } from './words.mjs';

const FOLDER = new URL('../../src/page/js/', import.meta.url);
const all = readdirSync(FOLDER).filter(name => name.endsWith('.js')).map(name => name.slice(0, -3));

test('no top-level name is used twice', () => {
  const owner = new Map();
  for (const name of all) {
    const module = modulesOf(name).at(-1);
    for (const top of namesOf(module).all) {
      assert.ok(!owner.has(top), `${top} is in ${owner.get(top)}.js and in ${name}.js`);
      owner.set(top, name);
    }
  }
});

test('what is imported is exported, and used', () => {
  for (const name of all) {
    const { lines, imports } = modulesOf(name).at(-1);
    const body = lines.filter(line => !line.startsWith('import ')).join('\n');
    for (const { names, from } of imports) {
      const { exported } = namesOf(modulesOf(from).at(-1));
      for (const one of names) {
        assert.ok(exported.includes(one), `${name}.js imports ${one}, which ${from}.js does not export`);
        assert.ok(new RegExp(`\\b${one}\\b`).test(body), `${name}.js does not use ${one}`);
      }
    }
  }
});

test('the joined script is a classic script without comments', () => {
  for (const entry of ['page', 'sweep'].filter(name => all.includes(name))) {
    const script = joinModules(entry);
    new vm.Script(script);
    assert.ok(!/^(import|export)\b|<\/script|^\/\//m.test(script));
  }
});

test('the scripts stay small', () => {
  const size = all.reduce((sum, name) => sum + readPart(`js/${name}.js`).length, 0);
  const joined = ['page', 'sweep'].map(entry => joinModules(entry).length);
  console.log(`modules with comments ${size} bytes; in the page of a run ${joined[0]}, of a sweep ${joined[1]}`);
  assert.ok(Math.max(...joined) < 61_440);
});

test('names cannot become markup, and nothing in the page needs a style attribute', () => {
  const run = RUNS.hostile();
  const html = buildPage(run, wordsFor('hostile', run));
  assert.ok(!html.includes(HOSTILE));
  assert.equal(html.split('</script>').length, 3);
  assert.ok(!/<[^>]* (style|on\w+)=/.test(html.replace(/<script[^]*<\/script>/g, '')));
  assert.equal(JSON.parse(/id="run">([^]*?)<\/script>/.exec(html)[1]).classes[0], HOSTILE);
});
