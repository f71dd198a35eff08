// One sample, one update: the forward pass of the chosen sample and its part of every derivative, in the article's formulas with
// numbers in them, as `petal explain` has them; then the next update of every parameter.
//
// Leaves out: autodiff beside each value, which `petal explain` prints.

import { arrowPath } from './diagram.js';
import { bindField, make, makeSvg, setText } from './dom.js';
import { arraysOf, crossEntropy, parameterNames } from './network.js';
import { grouped, plain, significant } from './numbers.js';

// A longer sum shows its first terms and its last one.
const MAX_TERMS = 6;
// A larger network shows the parameters of the chosen unit.
const MAX_PARAMETERS = 42;

/// A part of a formula that has a name, and the number that stands for it.
function named(symbol, number) {
  return { symbol, text: number === undefined ? symbol : number < 0 ? `(${significant(number)})` : significant(number) };
}

/// Which terms of a sum are shown.
function shownTerms(count) {
  return Array.from({ length: count }, (_, i) => i).filter(i => count <= MAX_TERMS || i < MAX_TERMS - 2 || i === count - 1);
}

/// A sum of products as two lists: with symbols, and with numbers. `term(i)` gives [symbol, value, symbol, value].
function products(count, term) {
  const [formula, numbers] = [[], []];
  for (const i of shownTerms(count)) {
    const [a, valueOfA, b, valueOfB] = term(i);
    formula.push(named(a), ' ', named(b), ' + ');
    numbers.push(named(a, valueOfA), '\u00a0· ', named(b, valueOfB), ' + ');
    if (count > MAX_TERMS && i === MAX_TERMS - 3) for (const list of [formula, numbers]) list.push('… + ');
  }
  return [formula, numbers];
}

/// The formulas of one sample and one hidden unit k, in two lists. `sample` has x, y and the values of `backward`.
export function explainSample(network, sample, k, m) {
  const { inputs: d, hidden: h, activation } = network;
  const { w1, b1, w2, b2 } = arraysOf(network);
  const { x, y, z1, a1, z2, a2, dz2, dw2, slopes, dz1, dw1 } = sample;
  const line = (name, value, formula, numbers) => ({ name, formula, numbers, value });
  const [b, z, a, w, dz] = [`b1[${k}]`, `z1[${k}]`, `a1[${k}]`, `w2[${k},0]`, `dz1[${k}]`];
  const [z1Formula, z1Numbers] = products(d, j => [`x[${j}]`, x[j], `w1[${j},${k}]`, w1[j * h + k]]);
  const [z2Formula, z2Numbers] = products(h, i => [`a1[${i}]`, a1[i], `w2[${i},0]`, w2[i]]);
  const [before, after, since] = y === 1 ? ['−ln ', '', ', since y = 1'] : ['−ln(1 − ', ')', '), since y = 0'];
  const slope = { tanh: [' (1 − ', named(a), '²)'], sigmoid: [' ', named(a), ' (1 − ', named(a), ')'] }[activation] ?? [` ${activation}′(`, named(z), ')'];
  return {
    forwardLines: [
      line(z, z1[k], [...z1Formula, named(b)], [...z1Numbers, named(b, b1[k])]),
      line(a, a1[k], [`${activation}(`, named(z), ')'], [`${activation}(`, { symbol: z, text: significant(z1[k]) }, ')']),
      line('z2', z2, [...z2Formula, named('b2')], [...z2Numbers, named('b2', b2[0])]),
      line('a2', a2, ['1 / (1 + e^(−', named('z2'), '))'], ['1 / (1 + e^', named('z2', -z2), ')']),
      line('cost', crossEntropy(z2, y), [before, named('a2'), since], [before, named('a2', a2), after]),
    ],
    backwardLines: [
      line('dz2', dz2, ['(', named('a2'), ' − y) / m'], ['(', named('a2', a2), ` − ${y}) / ${grouped(m)}`]),
      line(`dw2[${k},0]`, dw2[k], [named(a), ' ', named('dz2')], [named(a, a1[k]), '\u00a0· ', named('dz2', dz2)]),
      line(dz, dz1[k], [named('dz2'), ' ', named(w), ...slope], [named('dz2', dz2), '\u00a0· ', named(w, w2[k]), '\u00a0· ', named(a, slopes[k])]),
      ...shownTerms(d).map(j => line(`dw1[${j},${k}]`, dw1[j * h + k], [named(`x[${j}]`), ' ', named(dz)], [named(`x[${j}]`, x[j]), '\u00a0· ', named(dz, dz1[k])])),
    ],
  };
}

function tokens(list) {
  return list.map(part => (part.symbol ? make('span', { class: 'symbol', 'data-symbol': part.symbol }, part.text) : part));
}

function lineElement({ name, formula, numbers, value }) {
  // A derivative lights up what it is the derivative of.
  const symbol = make('span', { class: 'symbol', 'data-symbol': name.replace(/^d(?=w)/, '') }, name);
  return make('div', { class: 'formula' },
    make('div', {}, symbol, ' = ', ...tokens(formula), make('div', { class: 'numbers' }, '= ', ...tokens(numbers))),
    make('output', { 'data-name': name, 'data-value': value }, significant(value)));
}

/// `root` has the controls, and places for a sentence, the costliest samples, and the two lists of formulas.
export function createSample(root, { samples, train, classes, network: { hidden } }, actions) {
  const [row, unit] = ['sample', 'unit'].map(name => root.querySelector(`[name=${name}]`));
  const [intro, worst, forwardList, backwardList] = ['.lead', '.worst', '.forward', '.backward'].map(part => root.querySelector(part));
  unit.append(...Array.from({ length: hidden }, (_, k) => make('option', { value: k }, k)));
  unit.addEventListener('input', () => actions.set({ unit: Number(unit.value) }));
  const showRow = bindField(row, value => {
    const sample = samples.find(value);
    if (sample >= 0) actions.set({ sample });
  });
  worst.addEventListener('click', event => event.target.value && actions.set({ sample: Number(event.target.value) }));

  function render({ state, sample, network, z2, update, threshold }) {
    const part = samples.partOf(state.sample);
    unit.value = state.unit;
    showRow(part === train ? samples.rowOf(state.sample) : '');
    const right = (sample.a2 > threshold ? 1 : 0) === sample.y ? 'right' : 'wrong';
    intro.replaceChildren(
      `The ${part.name} sample ${samples.rowOf(state.sample)} is of `, make('b', { class: sample.y ? 'text-one' : 'text-zero' }, classes[sample.y]),
      `. After update ${grouped(update)} the network gives ${classes[1]} the probability `, make('b', {}, significant(sample.a2)),
      `: ${right}. Its cost is ${significant(crossEntropy(sample.z2, sample.y))}.`);
    const costs = Array.from(train.y, (y, i) => [crossEntropy(z2[i], y), i]).sort((a, b) => b[0] - a[0]).slice(0, 5);
    worst.replaceChildren(...costs.map(([, i]) => make('button', { type: 'button', class: 'link', value: i }, samples.rowOf(i))));
    const { forwardLines, backwardLines } = explainSample(network, sample, state.unit, train.total);
    forwardList.replaceChildren(...forwardLines.map(lineElement));
    backwardList.replaceChildren(...backwardLines.map(lineElement));
  }

  return { render };
}

/// The table of the next update, in the two table bodies of `root`.
export function createNextUpdate(root, run) {
  const { inputs: d, hidden: h } = run.network;
  const names = parameterNames(run.network);
  const note = root.querySelector('.note');
  const bodies = root.querySelectorAll('tbody');
  const all = names.length <= MAX_PARAMETERS;
  let [rows, built] = [[], null];

  function build(unit) {
    const own = names.map((_, p) => p).filter(p => all || p === names.length - 1 || (p < (d + 2) * h && p % h === unit));
    rows = own.map(p => {
      const cells = Array.from({ length: 4 }, () => make('td'));
      // The diagram's arrows point upwards for growing numbers; here they point to the right.
      const arrow = makeSvg('path', { class: 'arrow', transform: 'rotate(90 24 6)' });
      const drawing = make('td', {}, makeSvg('svg', { width: 48, height: 12, 'aria-hidden': 'true' }, arrow));
      const element = make('tr', { 'data-symbol': names[p].replace('b2[0]', 'b2') }, make('th', { scope: 'row' }, names[p]), ...cells.slice(0, 3), drawing, cells[3]);
      return { p, cells, arrow, element };
    });
    const half = Math.ceil(rows.length / 2);
    bodies.forEach((body, i) => body.replaceChildren(...rows.slice(i * half, (i + 1) * half).map(row => row.element)));
  }

  function render({ network: { values }, gradient, step, longest, rate, state }) {
    if (built === null || (!all && built !== state.unit)) build(state.unit);
    built = state.unit;
    setText(note, (step ? `The learning rate is ${plain(rate)}, and the longest arrow ${significant(longest, 3)}.` : '') + (all ? '' : ` The table shows unit ${state.unit}.`));
    for (const { p, cells, arrow } of rows) {
      const numbers = step ? [significant(gradient[p]), significant(-step[p]), significant(values[p] - step[p], 5)] : ['–', '–', '–'];
      [significant(values[p], 5), ...numbers].forEach((text, c) => setText(cells[c], text));
      arrow.setAttribute('d', step ? arrowPath(24, 6, (-step[p] / longest) * 40) : '');
    }
  }

  return { render };
}
