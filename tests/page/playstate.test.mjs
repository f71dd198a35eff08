// The state of the playground and its address, its sliders, and the order of its trainings, without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueue } from '../../src/page/js/playclient.js';
import { CONTROLS, checkedState, decodeState, encodeState, fragmentOf, fromSlider, playCommand, readFragment, settingOf, toSlider, withSamples, withSettings } from '../../src/page/js/playstate.js';
import { joinModules, modulesOf } from './join.mjs';

/// A state as the server begins with.
const START = {
  config: {
    'data.kind': 'flower', 'data.samples': 400, 'data.noise': 0.2, 'data.standardise': false, 'split.validation': 0, 'split.test': 0, 'model.hidden': 4, 'model.init': 'scaled',
    'model.init_scale': 0.01, 'train.learning_rate': 1.2, 'train.updates': 10000,
  },
  points: null, table: null, fork: null,
};
const rate = 'train.learning_rate';

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
  const wrong = [
    [null, /^must be/], [3, /^must be/], [[], /^must be/], [{}, /^config: must be/], [{ config: [] }, /^config: must be/], [{ config: { 'model.hidden': { a: 1 } } }, /^model.hidden: must be a number/],
    [{ config: { 'train.momentum': Infinity } }, /^train.momentum: must be a number/], [{ config: {}, points: 3 }, /^points: must be/], [{ config: {}, points: [[1, 2]] }, /^points: must be/],
    [{ config: {}, points: [[1, '2', 0]] }, /^points: must be/], [{ config: {}, fork: {} }, /^fork: must be/], [{ config: {}, fork: { update: 1.5, parameters: [] } }, /^fork: must be/], [{ config: {}, table: { name: 'a', text: '', label: 5 } }, /^table: must be/], [{ config: {}, fork: { update: 0, parameters: [null] } }, /^fork: must be/],
    [{ config: {}, table: { text: 1 } }, /^table: must be/], [{ config: {}, table: { text: 'a', name: [] } }, /^table: must be/],
  ];
  for (const [state, message] of wrong) assert.throws(() => checkedState(state), ({ message: found }) => message.test(found), JSON.stringify(state));
  for (const text of ['', '%%', 'a', 'eyJj']) assert.match(readFragment(`#s=${text}`).problem, /^The state in the address cannot be read: .*\.$/);
  for (const update of ['', 'x', '1e999', 'NaN']) assert.ok(!('update' in readFragment(`#update=${update}`)) || update === '', update);
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
  // What is about the columns of a table stays for another label, and goes with the table.
  const ignoring = { ...table, config: { ...table.config, 'data.ignore': ['b'], 'data.impute': 'mean' } };
  assert.deepEqual(withSamples(ignoring, { table: { name: 'a.csv', text: '', label: 'b' } }).config['data.ignore'], ['b']);
  for (const other of [withSamples(ignoring, { points: [] }), withSamples(ignoring, { table: { name: 'a.csv', text: 'c' } }), withSettings(ignoring, { 'data.kind': 'xor' })]) assert.ok(!('data.ignore' in other.config || 'data.impute' in other.config));
  assert.deepEqual(['data.impute = "mean" would', 'no column'].map(message => settingOf({ key: 'table', message: `a.csv:2: ${message}` })), ['data.impute', 'table']);
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

test('the script joins into one that Rust can embed', () => {
  const script = joinModules('play');
  assert.ok(!/^(import|export)\b|<\/script|<!--|^\/\//m.test(script));
  console.log(`script of the playground ${script.length} bytes; modules in order: ${modulesOf('play').map(({ name }) => name).join(' ')}`);
});
