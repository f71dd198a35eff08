// The state of the playground: settings as a configuration has them, by their dotted keys, and drawn points, a table or edited
// weights in place of what the settings would give. The server checks it with the code that checks configurations.
//
//     { config: { "train.learning_rate": 1.2, ... }, points: [[x1, x2, class], ...] or null,
//       table: { name, text, label, class_one } or null, fork: { update, parameters } or null }
//
// The address holds the state as base64url of its JSON, #s=..., and where the page is, &update=...&lesson=... It never holds the token:
// this opens the server to whoever has it, and links are for others.

/// A link holds at most this many points, or lines of a table.
export const MAX_LINK_POINTS = 2000;

const KINDS = ['flower', 'moons', 'circles', 'blobs', 'quantiles', 'no_structure', 'xor', 'spiral'];
const only = (key, ...values) => ({ config }) => values.includes(config[key]);

/// The settings that have controls. `range` gives a number a slider, `log` makes it logarithmic, and `zero` adds 0 at its left end. A
/// setting without a value has its default, which the server says; of a choice it is the first of `options`, and `empty` is for those that
/// have no number. `texts` are those of the options, if they are not the values themselves. A `list` is of names, with commas between them.
/// `when` says for which states the control is there. `first` is for what only the first weights follow from: with edited weights it does
/// nothing.
export const CONTROLS = [
  { key: 'data.kind', name: 'data', group: 'Data', options: KINDS },
  { key: 'data.samples', name: 'samples', group: 'Data', whole: true, range: [2, 2000], log: true, when: isGenerated },
  { key: 'data.noise', name: 'noise', group: 'Data', range: [0, 1], step: 0.01, when: isGenerated },
  { key: 'data.factor', name: 'inner radius', group: 'Data', range: [0.05, 0.95], step: 0.05, empty: '0.5', when: state => isGenerated(state) && only('data.kind', 'circles')(state) },
  { key: 'data.centers', name: 'clusters', group: 'Data', whole: true, range: [2, 12], step: 1, empty: '6', when: state => isGenerated(state) && only('data.kind', 'blobs')(state) },
  { key: 'data.standardise', name: 'standardise', group: 'Data', options: ['true', 'false'], texts: ['yes', 'no'], when: hasTable },
  { key: 'data.impute', name: 'missing values', group: 'Data', options: ['', 'mean'], texts: ['are an error', 'get the mean'], when: hasTable },
  { key: 'data.unlabelled', name: 'without a label', group: 'Data', options: ['', 'skip'], texts: ['is an error', 'is left out'], when: hasTable },
  { key: 'data.ignore', name: 'ignore', group: 'Data', list: true, empty: 'no column', when: hasTable },
  { key: 'data.one_hot', name: 'one-hot', group: 'Data', list: true, empty: 'no column', when: hasTable },
  { key: 'data.seed', name: 'data seed', group: 'Data', whole: true, dice: true, when: isGenerated },
  { key: 'split.validation', name: 'validation', group: 'Data', range: [0, 0.5], step: 0.05 },
  { key: 'split.test', name: 'test', group: 'Data', range: [0, 0.4], step: 0.05 },
  { key: 'model.hidden', name: 'hidden units', group: 'Network', whole: true, range: [1, 50], step: 1 },
  { key: 'model.activation', name: 'activation', group: 'Network', options: ['tanh', 'sigmoid', 'relu', 'identity'] },
  { key: 'model.init', name: 'initial kind', group: 'Network', options: ['scaled', 'xavier', 'he'], first: true },
  { key: 'model.init_scale', name: 'initial scale', group: 'Network', range: [1e-4, 5], log: true, first: true, when: only('model.init', 'scaled', undefined) },
  { key: 'model.seed', name: 'weight seed', group: 'Network', whole: true, dice: true, first: true },
  { key: 'train.learning_rate', name: 'learning rate', group: 'Training', range: [1e-3, 100], log: true },
  { key: 'train.schedule', name: 'schedule', group: 'Training', options: ['constant', 'linear', 'cosine', 'exponential'] },
  { key: 'train.final_learning_rate', name: 'final rate', group: 'Training', range: [1e-4, 100], log: true, zero: true, empty: '0', when: only('train.schedule', 'linear', 'cosine', 'exponential') },
  { key: 'train.updates', name: 'updates', group: 'Training', whole: true, range: [10, 100_000], log: true },
  { key: 'train.momentum', name: 'momentum', group: 'Training', range: [0, 0.99], step: 0.01 },
  { key: 'train.weight_decay', name: 'weight decay', group: 'Training', range: [1e-5, 1], log: true, zero: true },
  { key: 'train.batch_size', name: 'batch size', group: 'Training', whole: true, empty: 'all' },
  { key: 'train.seed', name: 'batch seed', group: 'Training', whole: true, dice: true, when: ({ config }) => config['train.batch_size'] !== undefined },
  { key: 'train.engine', name: 'engine', group: 'Training', options: ['fused', 'manual', 'autodiff'] },
];

/// Whether the samples come from the settings, and not from drawn points or a table.
export function isGenerated({ points, table }) {
  return !points && !table;
}

function hasTable({ table }) {
  return Boolean(table);
}

/// Another state with these settings. What depends on a setting that has changed goes back to its default: the noise of another kind of
/// data, edited weights of another network.
export function withSettings(state, changes) {
  const next = { ...state, config: { ...state.config, ...changes } };
  const changed = key => key in changes && changes[key] !== state.config[key];
  if ('data.kind' in changes) {
    Object.assign(next, { points: null, table: null });
    if (state.table) for (const key of OF_TABLES) delete next.config[key];
  }
  if (changed('data.kind')) {
    for (const key of ['data.noise', 'data.factor', 'data.centers']) if (!(key in changes)) delete next.config[key];
  }
  if (changed('train.schedule') && changes['train.schedule'] === 'constant') delete next.config['train.final_learning_rate'];
  // The other kinds choose the scale themselves.
  if (changed('model.init') && changes['model.init'] !== 'scaled') delete next.config['model.init_scale'];
  for (const key of Object.keys(next.config)) if (next.config[key] === undefined || next.config[key] === null) delete next.config[key];
  if ('data.kind' in changes || ['model.hidden', 'model.activation'].some(changed)) next.fork = null;
  return next;
}

// For tables these have other defaults, or are about the columns of one table.
const OF_TABLES = [
  'data.standardise', 'split.validation', 'split.test', 'data.features', 'data.ignore', 'data.one_hot', 'data.impute', 'data.missing',
  'data.unlabelled', 'data.delimiter',
];

/// The setting that an error is about. One about a table may name the setting that would help.
export function settingOf({ key, message }) {
  return (key === 'table' && OF_TABLES.find(one => message.includes(one))) || key;
}

/// Another state with this table, which has the defaults of tables, or with these points. The same table with another label keeps its
/// settings.
export function withSamples(state, { points = null, table = null }) {
  const config = { ...state.config };
  const isSame = table && state.table?.text === table.text;
  if ((table || state.table) && !isSame) for (const key of OF_TABLES) delete config[key];
  return { config, points, table, fork: null };
}

/// The position of a number on its slider, from 0 to 1000, and back. Numbers from a logarithmic slider have three digits.
export function toSlider({ range: [low, high], log, zero }, value) {
  if (zero && value <= 0) return 0;
  const share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return 1000 * Math.min(1, Math.max(zero ? 0.02 : 0, share));
}

export function fromSlider({ range: [low, high], log, zero, step, whole }, position) {
  const share = position / 1000;
  if (zero && share < 0.01) return 0;
  const value = log ? low * (high / low) ** share : low + share * (high - low);
  if (whole) return value < 1000 ? Math.round(value) : Number(value.toPrecision(2));
  return log ? Number(value.toPrecision(3)) : Number((Math.round(value / step) * step).toFixed(6));
}

/// The state as text for an address, or null where it is too long for one.
export function encodeState(state) {
  if ((state.points?.length ?? 0) > MAX_LINK_POINTS || (state.table?.text.split('\n').length ?? 0) > MAX_LINK_POINTS + 2) return null;
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/// The state in a text. Throws where it is none.
export function decodeState(text) {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) throw new Error('it is not in base64url, or its end is missing');
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), character => character.charCodeAt(0));
  return parseState(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

/// The state in JSON. Throws where it is none, with a sentence in place of the browser's message, which repeats what it cannot read.
export function parseState(text) {
  let state = null;
  try {
    state = JSON.parse(text);
  } catch {
    throw new Error('it is no JSON, the form of a saved state');
  }
  return checkedState(state);
}

/// A state that somebody else may have written, with the parts that the page relies on. The server checks the rest. Throws where a part
/// is not as it must be: which one.
export function checkedState(state) {
  if (!isObject(state)) throw new Error('must be { config, points, table, fork }');
  const { config, points = null, table = null, fork = null } = state;
  const isNumber = Number.isFinite;
  const isText = value => value === undefined || value === null || typeof value === 'string';
  const must = (isRight, part, rule) => { if (!isRight) throw new Error(`${part}: must be ${rule}`); };
  must(isObject(config), 'config', 'settings by their names');
  for (const [key, value] of Object.entries(config)) must([value].flat().every(one => one === null || isNumber(one) || ['string', 'boolean'].includes(typeof one)), key, 'a number, a text, true, false or a list of these');
  must(points === null || (Array.isArray(points) && points.every(point => Array.isArray(point) && point.length === 3 && point.every(isNumber))), 'points', 'a list of [x1, x2, class]');
  must(table === null || (isObject(table) && typeof table.name === 'string' && typeof table.text === 'string' && [table.label, table.class_one].every(isText)), 'table', '{ name, text, label, class_one }');
  must(fork === null || (isObject(fork) && Number.isInteger(fork.update) && fork.update >= 0 && Array.isArray(fork.parameters) && fork.parameters.every(isNumber)), 'fork', '{ update, parameters: a list of numbers }');
  return { config, points, table, fork };
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/// What an address holds: { token, state, update, lesson }, as far as they are there, or { problem }.
export function readFragment(hash) {
  const values = new URLSearchParams(hash.slice(1));
  const found = { token: values.get('token'), lesson: values.get('lesson') };
  const update = Math.round(Number(values.get('update') ?? NaN));
  if (Number.isFinite(update)) found.update = update;
  try {
    if (values.has('s')) found.state = decodeState(values.get('s'));
  } catch (error) {
    found.problem = `The state in the address cannot be read: ${error.message}.`;
  }
  return found;
}

/// The fragment of an address with this state, without a token.
export function fragmentOf(state, { update, lesson } = {}) {
  const encoded = encodeState(state);
  const parts = [encoded && `s=${encoded}`, update !== undefined && `update=${update}`, lesson && `lesson=${encodeURIComponent(lesson)}`];
  return `#${parts.filter(Boolean).join('&')}`;
}

/// The command that opens the playground with a state at a place, or null where the state is too long.
export function playCommand(state, place) {
  return encodeState(state) && `petal play '${fragmentOf(state, place)}'`;
}
