// One sample, one update: the forward pass of the chosen sample and its part of every derivative, in the article's formulas with
// numbers in them, as `petal explain` has them; then the next update of every parameter.
//
// Leaves out: autodiff beside each value, which `petal explain` prints.

import { make, makeSvg, setText } from './dom.js';
import { arraysOf, crossEntropy, parameterNames } from './network.js';
import { grouped, plain, significant } from './numbers.js';

// A longer sum shows its first terms and its last one.
const MAX_TERMS = 6;

/// A part of a formula that has a name, with the text that is shown for it.
function named(symbol, text = symbol) {
  return { symbol, text };
}

function inParentheses(number) {
  return number < 0 ? `(${significant(number)})` : significant(number);
}

/// A sum of products as two lists: with symbols, and with numbers. `term(i)` gives [[symbol, value], [symbol, value]].
function products(count, term) {
  const shown = Array.from({ length: count }, (_, i) => i).filter(i => count <= MAX_TERMS || i < MAX_TERMS - 2 || i === count - 1);
  const [formula, numbers] = [[], []];
  shown.forEach((i, place) => {
    if (place > 0) {
      const sign = i > shown[place - 1] + 1 ? ' + … + ' : ' + ';
      formula.push(sign);
      numbers.push(sign);
    }
    const [[a, valueOfA], [b, valueOfB]] = term(i);
    formula.push(named(a), ' ', named(b));
    numbers.push(named(a, inParentheses(valueOfA)), ' · ', named(b, inParentheses(valueOfB)));
  });
  return [formula, numbers];
}

/// The formulas of one sample and one hidden unit k, in two lists. `sample` has x, y and the values of `backward`.
export function explainSample(network, sample, k, m) {
  const { inputs: d, hidden: h } = network;
  const { w1, b1, w2, b2 } = arraysOf(network);
  const { x, y, z1, a1, z2, a2, dz2, dw2, slopes, dz1, dw1 } = sample;
  const symbol = (name, value) => named(name, inParentheses(value));
  const line = (name, formula, numbers, value) => ({ name, formula, numbers, value });
  const { activation } = network;

  const [z1Formula, z1Numbers] = products(d, j => [[`x[${j}]`, x[j]], [`w1[${j},${k}]`, w1[j * h + k]]]);
  const [z2Formula, z2Numbers] = products(h, i => [[`a1[${i}]`, a1[i]], [`w2[${i},0]`, w2[i]]]);
  const [bias, a, z, w, dz] = [`b1[${k}]`, `a1[${k}]`, `z1[${k}]`, `w2[${k},0]`, `dz1[${k}]`];
  const forwardLines = [
    line(z, [...z1Formula, ' + ', named(bias)], [...z1Numbers, ' + ', symbol(bias, b1[k])], z1[k]),
    line(a, [`${activation}(`, named(z), ')'], [`${activation}(`, named(z, significant(z1[k])), ')'], a1[k]),
    line('z2', [...z2Formula, ' + ', named('b2')], [...z2Numbers, ' + ', symbol('b2', b2[0])], z2),
    line('a2', ['1 / (1 + e^(−', named('z2'), '))'], ['1 / (1 + e^', named('z2', inParentheses(-z2)), ')'], a2),
    y === 1
      ? line('cost', ['−ln ', named('a2'), ', since y = 1'], ['−ln ', named('a2', significant(a2))], crossEntropy(z2, y))
      : line('cost', ['−ln(1 − ', named('a2'), '), since y = 0'], ['−ln(1 − ', named('a2', significant(a2)), ')'], crossEntropy(z2, y)),
  ];

  const slopeText = { tanh: [' (1 − ', named(a), '²)'], sigmoid: [' ', named(a), ' (1 − ', named(a), ')'] }[activation] ?? [` ${activation}′(`, named(z), ')'];
  const backwardLines = [
    line('dz2', ['(', named('a2'), ' − y) / m'], ['(', named('a2', significant(a2)), ` − ${y}) / ${grouped(m)}`], dz2),
    line(`dw2[${k},0]`, [named(a), ' ', named('dz2')], [symbol(a, a1[k]), ' · ', symbol('dz2', dz2)], dw2[k]),
    line(dz, [named('dz2'), ' ', named(w), ...slopeText],
      [named('dz2', inParentheses(dz2)), ' · ', symbol(w, w2[k]), ' · ', symbol(a, slopes[k])], dz1[k]),
  ];
  for (let j = 0; j < d; j++) {
    if (d > MAX_TERMS && j >= MAX_TERMS - 2 && j < d - 1) continue;
    backwardLines.push(line(`dw1[${j},${k}]`, [named(`x[${j}]`), ' ', named(dz)],
      [symbol(`x[${j}]`, x[j]), ' · ', symbol(dz, dz1[k])], dw1[j * h + k]));
  }
  backwardLines.push(line(`db1[${k}]`, [named(dz)], [], dz1[k]), line('db2', [named('dz2')], [], dz2));
  return { forwardLines, backwardLines };
}

function tokens(list) {
  return list.map(part => (typeof part === 'string' ? part : make('span', { class: 'symbol', 'data-symbol': part.symbol }, part.text)));
}

function lineElement({ name, formula, numbers, value }) {
  return make('div', { class: 'formula' },
    make('div', {}, make('div', {}, make('span', { class: 'symbol', 'data-symbol': name.replace(/^d(?=[wb])/, '') }, name), ' = ', ...tokens(formula)),
      numbers.length ? make('div', { class: 'numbers' }, '= ', ...tokens(numbers)) : null),
    make('output', { 'data-name': name, 'data-value': value }, significant(value)));
}

export function createSample(root, run, actions) {
  const { samples, train } = run;
  const intro = make('p', { class: 'lead', 'aria-live': 'off' });
  const choice = make('input', { type: 'number', min: 0, step: 1, max: train.total - 1 });
  const worst = make('span', { class: 'worst' });
  const unit = make('select', {}, ...Array.from({ length: run.network.hidden }, (_, k) => make('option', { value: k }, k)));
  const columns = [0, 1].map(() => ({ title: make('h3'), list: make('div') }));
  root.append(
    intro,
    make('div', { class: 'controls' }, make('label', {}, 'training sample', choice), make('label', {}, 'hidden unit', unit), make('span', {}, 'costliest now ', worst)),
    make('div', { class: 'two-columns' }, ...columns.map(({ title, list }) => make('div', {}, title, list))),
  );
  choice.addEventListener('change', () => {
    const i = samples.find(Number(choice.value));
    if (i >= 0) actions.chooseSample(i);
  });
  unit.addEventListener('change', () => actions.chooseUnit(Number(unit.value)));

  function render(view) {
    const { state, sample, network, z2 } = view;
    unit.value = state.unit;
    showWorst(worst, samples, train, z2, actions);
    if (!sample) return;
    const part = samples.partOf(state.sample);
    if (document.activeElement !== choice) choice.value = part.name === 'train' ? samples.rowOf(state.sample) : '';
    intro.replaceChildren(...introduction(run, view, part));
    const { forwardLines, backwardLines } = explainSample(network, sample, state.unit, train.total);
    setText(columns[0].title, `Forward, through unit ${state.unit}`);
    setText(columns[1].title, part.name === 'train' ? `Backward: this sample’s part of each derivative, unit ${state.unit}` : 'Backward: if it were a training sample');
    columns[0].list.replaceChildren(...forwardLines.map(lineElement));
    columns[1].list.replaceChildren(...backwardLines.map(lineElement));
  }

  return { render };
}

function introduction({ classes, inputs, samples }, { state, sample, update, threshold, z2 }, part) {
  const i = state.sample;
  const names = { train: 'Training sample', validation: 'Validation sample', test: 'Test sample' };
  const values = inputs.slice(0, 8).map(({ name, shift, scale }, j) => `${name} ${plain(shift + scale * sample.x[j], 4)}`).join(', ');
  const right = (sample.a2 > threshold ? 1 : 0) === sample.y;
  return [
    `${names[part.name]} ${samples.rowOf(i)} is `, make('b', { class: sample.y ? 'text-one' : 'text-zero' }, classes[sample.y]),
    ` (${values}${inputs.length > 8 ? ', and more' : ''}). After update ${grouped(update)} the network gives ${classes[1]} the probability `,
    make('b', {}, significant(sample.a2)), right ? ': right. ' : ': wrong. ',
    `Its cost is ${significant(crossEntropy(z2[i], sample.y))}.`,
    inputs.some(({ scale, shift }) => scale !== 1 || shift !== 0) ? ' In the formulas x is standardised.' : '',
  ];
}

/// The training samples with the highest cost, as buttons.
function showWorst(root, samples, { y, end }, z2, actions) {
  const order = Array.from({ length: end }, (_, i) => i);
  const costs = order.map(i => crossEntropy(z2[i], y[i]));
  const rows = order.sort((a, b) => costs[b] - costs[a]).slice(0, 5);
  const key = rows.join();
  if (root.dataset.rows === key) return;
  root.dataset.rows = key;
  root.replaceChildren(...rows.map(i => {
    const button = make('button', { type: 'button', class: 'link' }, samples.rowOf(i));
    button.addEventListener('click', () => actions.chooseSample(i));
    return button;
  }));
}

/// The table of the next update. Large networks show the parameters of the chosen unit and the output's bias.
export function createNextUpdate(root, run) {
  const { inputs: d, hidden: h } = run.network;
  const names = parameterNames(run.network);
  const intro = make('p', { class: 'lead' });
  const columns = make('div', { class: 'two-columns' });
  root.append(intro, columns);
  const perUnit = names.length > 42;
  let rows = [];
  let builtFor = null;

  function build(unit) {
    builtFor = unit;
    const mine = p => !perUnit || p === names.length - 1 || (p < (d + 2) * h && p % h === unit);
    const list = names.map((name, p) => p).filter(mine);
    rows = [];
    const half = Math.ceil(list.length / 2);
    columns.replaceChildren(...[list.slice(0, half), list.slice(half)].map((part, i) => table(part, i)));
  }

  function table(list, i) {
    const head = ['parameter', 'now', 'derivative', 'step', '', 'next'].map((text, c) => make('th', { scope: 'col' }, text || (c === 4 ? make('span', { class: 'hidden' }, 'direction') : '')));
    const body = list.map(p => {
      const cells = ['now', 'derivative', 'step'].map(() => make('td'));
      const arrow = makeSvg('path', { class: 'arrow' });
      const next = make('td');
      rows.push({ p, cells, arrow, next });
      return make('tr', { 'data-symbol': names[p].replace('b2[0]', 'b2') }, make('th', { scope: 'row' }, names[p]), ...cells,
        make('td', { class: 'step-arrow' }, makeSvg('svg', { width: 48, height: 12, 'aria-hidden': 'true' }, arrow)), next);
    });
    return make('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `The next update, part ${i + 1}` },
      make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...body)));
  }

  function render(view) {
    const { network: { values }, gradient, step, longest, state } = view;
    const unit = perUnit ? state.unit : 0;
    if (builtFor !== unit) build(unit);
    setText(intro, nextIntroduction(run, view, perUnit));
    for (const { p, cells, arrow, next } of rows) {
      setText(cells[0], significant(values[p], 5));
      setText(cells[1], gradient ? significant(gradient[p]) : '–');
      setText(cells[2], step ? significant(-step[p]) : '–');
      setText(next, step ? significant(values[p] - step[p], 5) : '–');
      arrow.setAttribute('d', step ? sideways((-step[p] / longest) * 40) : '');
    }
  }

  return { render };
}

/// An arrow to the right for a growing number, to the left for a falling one, from the middle of its cell.
function sideways(length) {
  if (!Number.isFinite(length) || Math.abs(length) < 1.2) return 'M23.3 6h1.4';
  const [from, to, head] = [24 - length / 2, 24 + length / 2, Math.sign(length) * 3.5].map(value => value.toFixed(1));
  return `M${from} 6H${to}m${-head} -3.5L${to} 6l${-head} 3.5`;
}

function nextIntroduction({ training, train }, { rate, longest, step, gradient, state }, perUnit) {
  const decay = training.weight_decay > 0 ? `, plus ${plain(training.weight_decay)} times each weight (weight decay)` : '';
  const which = perUnit ? ` The table shows unit ${state.unit}; choose another in the diagram.` : '';
  if (!gradient) return `The page holds ${grouped(train.y.length)} of ${grouped(train.total)} training samples, so that it cannot compute the gradient over all of them.${which}`;
  if (training.batch_size) {
    return `The derivatives over all ${grouped(train.total)} training samples${decay}. The step shown is the one that all samples together would make at rate ${plain(rate)}; training used ${grouped(training.batch_size)} of them for each update, in a random order.${which}`;
  }
  if (training.momentum > 0) return `The derivatives over all ${grouped(train.total)} training samples${decay}. The step shown is without momentum, at rate ${plain(rate)}; training adds ${plain(training.momentum)} times the step before.${which}`;
  return `Each parameter moves by −${plain(rate)} times its derivative, which is the sum of the parts of all ${grouped(train.total)} samples${decay}. ${step ? `The longest arrow is ${significant(longest, 3)}.` : ''}${which}`;
}
