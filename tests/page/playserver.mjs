// A server that speaks as `petal play` does, for tests without Rust: it trains with the page's own mathematics. With PETAL_PLAY, the address
// that `petal play --no-open` printed, it hands all requests on to that server, so that the same page is tested with it.

import { createServer, request } from 'node:http';
import { randomBytes } from 'node:crypto';
import { createHash } from 'node:crypto';
import { decode } from '../../src/page/js/run.js';
import { readPoints, trainRun } from './fixtures.mjs';
import { joinModules, readPart } from './join.mjs';

export const START = {
  config: {
    dtype: 'f64', 'data.kind': 'flower', 'data.samples': 400, 'data.noise': 0.2, 'data.seed': 1, 'data.standardise': false, 'split.validation': 0, 'split.test': 0, 'split.seed': 1,
    'model.hidden': 4, 'model.activation': 'tanh', 'model.init': 'scaled', 'model.init_scale': 0.01, 'model.seed': 2, 'train.engine': 'fused', 'train.learning_rate': 1.2,
    'train.schedule': 'constant', 'train.seed': 3, 'train.updates': 10000, 'train.weight_decay': 0, 'train.momentum': 0, 'train.cost_limit': 1000, 'decision.threshold': 0.5,
  },
  points: null, table: null, fork: null,
};

const hash = text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/// The page and its policy, as Rust fills them.
export function playPage() {
  const [script, style] = [joinModules('play'), readPart('page.css')];
  const html = readPart('play.html').replace(/\{\{#(\w+)\}\}([^]*?)\{\{\/\1\}\}/g, (_, name, inner) => (name === 'playground' ? inner : '')).replace('{{title}}', 'Petal playground').replace('{{version}}', '0.1.0').replace('{{{style}}}', () => style).replace('{{{script}}}', () => script);
  const policy = `default-src 'none'; img-src data: blob:; script-src ${hash(script)}; style-src ${hash(style)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, policy, script };
}

class Refused extends Error {
  constructor(message, key, status = 400) { super(message); Object.assign(this, { key, status }); }
}

const tables = { flower: readPoints('tests/reference/flower.csv'), moons: readPoints('tests/reference/moons.csv') };

function samplesOf({ config, points, table }) {
  if (points) {
    if (new Set(points.map(point => point[2])).size < 2) throw new Refused('drawn.csv: column class has one value: must have two', 'points');
    return { names: ['x1', 'x2'], x: points.map(([a, b]) => [a, b]), y: points.map(point => point[2]) };
  }
  if (table) {
    const { names, x, y } = readText(table);
    return { names, x, y };
  }
  const { names, x, y } = tables[config['data.kind']] ?? tables.moons;
  const count = config['data.samples'];
  return { names, x: x.slice(0, count), y: y.slice(0, count) };
}

function readText({ name, text, label }) {
  const [head, ...rows] = text.trim().split('\n').map(line => line.split(','));
  rows.forEach((row, i) => { if (row.length !== head.length) throw new Refused(`${name}:${i + 2}: the row has more fields than the header, which has ${head.length}`, 'table'); });
  const column = head.indexOf(label ?? head.at(-1));
  return { head, names: head.filter((_, j) => j !== column), x: rows.map(row => row.filter((_, j) => j !== column).map(Number)), y: rows.map(row => Number(row[column])) };
}

function check({ config }) {
  for (const [key, value] of Object.entries(config)) if (!(key in START.config) && !['data.factor', 'data.centers', 'train.batch_size', 'train.final_learning_rate'].includes(key)) throw new Refused(`${key} = ${value}: is no setting of the playground`, key);
  const rate = config['train.learning_rate'];
  if (!(rate > 0)) throw new Refused(`train.learning_rate = ${rate}: must be finite and > 0`, 'train.learning_rate');
}

const trained = new Map();

/// The run of a state. The same state gives the same run.
export function runOf(state, speed = 1) {
  check(state);
  const { config, fork } = state;
  const key = JSON.stringify(state);
  if (!trained.has(key)) {
    trained.set(key, trainRun({
      table: samplesOf(state), hidden: config['model.hidden'] ?? 4, activation: config['model.activation'], scale: config['model.init_scale'] ?? 0.01, rate: config['train.learning_rate'],
      updates: Math.max(1, Math.round(config['train.updates'] * speed)), momentum: config['train.momentum'], decay: config['train.weight_decay'], seed: config['model.seed'],
      initial: fork ? Float64Array.from(fork.parameters) : undefined, costLimit: config['train.cost_limit'], withSharpness: false, frames: 40,
    }));
  }
  return trained.get(key);
}

/// Starts the server. `speed` is the share of the updates that it makes. Of its options, `pause` is the time after each line of frames, and
/// `breaksOff` the message with which a training ends in place of its last line.
export async function startServer({ speed = 0.05, port = 0 } = {}) {
  const token = randomBytes(16).toString('hex');
  const { html, policy } = playPage();
  const target = process.env.PETAL_PLAY ? new URL(process.env.PETAL_PLAY) : null;
  const asked = [];
  const options = { pause: 0 };

  const server = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (incoming.url === '/') return outgoing.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' }).end(html);
    if (incoming.url === '/train') asked.push(JSON.parse(body));
    if (target) return handOn(target, incoming, body, outgoing);
    const send = (status, value) => outgoing.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    if (incoming.headers['x-petal-token'] !== token) return send(403, { error: { message: 'the token is missing or wrong', key: null } });
    try {
      if (incoming.url === '/start') return send(200, { state: START, lessons: [], lesson: null, note: null });
      if (incoming.url === '/train') return await train(JSON.parse(body), outgoing, speed, options);
      if (incoming.url === '/table') return send(200, tableAnswer(JSON.parse(body)));
      if (incoming.url === '/file') return outgoing.writeHead(200, { 'Content-Disposition': 'attachment; filename="config.toml"' }).end(`# ${JSON.stringify(JSON.parse(body).state.config)}\n`);
      return send(404, { error: { message: 'there is no such address', key: null } });
    } catch (error) {
      return send(error.status ?? 500, { error: { message: error.message, key: error.key ?? null } });
    }
  });
  await new Promise(done => { server.listen(port, '127.0.0.1', done); });
  const { port: used } = server.address();
  const secret = target ? new URLSearchParams(target.hash.slice(1)).get('token') : token;
  return {
    origin: `http://127.0.0.1:${used}`, address: `http://127.0.0.1:${used}/#token=${secret}`, token: secret, asked, options,
    close: () => { server.closeAllConnections(); return new Promise(done => { server.close(done); }); },
  };
}

async function train(state, outgoing, speed, { pause, breaksOff }) {
  const { frames, history, ...rest } = runOf(state, speed);
  outgoing.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  const write = value => outgoing.write(`${JSON.stringify(value)}\n`);
  const command = state.fork ? null : `petal train configs/default.toml --set train.learning_rate=${state.config['train.learning_rate']}`;
  write({ start: { ...rest, command, why: state.fork ? `the weights were edited at update ${state.fork.update}, which no command does` : null, notes: [] } });
  const size = decodeSize(rest);
  const all = decode(frames.parameters, frames.updates.length * size, 'frames');
  const third = Math.ceil(frames.updates.length / 3);
  for (const [from, to] of [[0, third], [third, 2 * third], [2 * third, frames.updates.length]]) {
    write({ frames: { updates: frames.updates.slice(from, to), parameters: Buffer.from(Float64Array.from(all.subarray(from * size, to * size)).buffer).toString('base64') } });
    if (pause) await new Promise(done => { setTimeout(done, pause); });
  }
  if (breaksOff) write({ error: { message: breaksOff, key: null } });
  else write({ end: { network: rest.network, training: rest.training, frames, history, divergence: rest.divergence, threshold: rest.threshold, ending: 'finished', seconds: 0.02, why: [] } });
  outgoing.end();
}

const decodeSize = ({ inputs, network: { hidden } }) => inputs.length * hidden + 2 * hidden + 1;

function tableAnswer({ name, text, label }) {
  const { head, x } = readText({ name, text, label });
  return { columns: head.map(name => ({ name, distinct: 2 })), rows: x.length, label: label ?? head.at(-1), sentences: ['the doctor finds nothing'], error: null };
}

function handOn(target, incoming, body, outgoing) {
  const headers = { Host: target.host, 'X-Petal-Token': incoming.headers['x-petal-token'] ?? '' };
  if (incoming.method === 'POST') Object.assign(headers, { Origin: target.origin, 'Content-Type': incoming.headers['content-type'], 'Content-Length': body.length });
  const sent = request({ host: target.hostname, port: target.port, path: incoming.url, method: incoming.method, headers }, answer => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  sent.on('error', () => outgoing.destroy());
  outgoing.on('close', () => sent.destroy());
  sent.end(body);
}
