// One sample, one update: the forward pass of the chosen sample and its part of every derivative, in the article's formulas with
// numbers in them, as `petal explain` has them; then the next update of every parameter.
//
// Leaves out: autodiff beside each value, which `petal explain` prints.

import { arrowPath } from './diagram.js';
import { bindField, fields, find, make, makeSvg, on, setText, svgPath } from './dom.js';
import { crossEntropy, parameterNames } from './network.js';
import { grouped, plain, significant } from './numbers.js';

// A longer sum shows its first terms and its last one.
const MAX_TERMS = 6;
// A larger network shows the parameters of the chosen unit.
const MAX_PARAMETERS = 42;

// A part of a formula is a text, or [text, the number or text in its place, the symbol that it lights up]. A product's dot stands only
// between numbers.
const TIMES = [' ', '\u00a0· ', null];

/// Which terms of a sum are shown.
const shownTerms = count => Array.from({ length: count }, (_, i) => i).filter(i => count <= MAX_TERMS || i < MAX_TERMS - 2 || i === count - 1);

/// A sum of products, and what is added to it. `term(i)` gives the two factors as parts.
function sumOf(count, term, last) {
  return [...shownTerms(count).flatMap(i => {
    const [a, b] = term(i);
    return [count > MAX_TERMS && i === count - 1 ? '… + ' : '', a, TIMES, b, ' + '];
  }), last];
}

/// The formulas of one sample and one hidden unit k, in two lists. `sample` has x, y and the values of `backward`.
export function explainSample(network, sample, k, m) {
  const { inputs: d, hidden: h, activation, values } = network;
  const { x, y, z1, a1, z2, a2, dz2, dw2, slopes, dz1, dw1 } = sample;
  const names = parameterNames(network);
  const line = (name, value, ...parts) => ({ name, value, parts });
  const [z, a, dz] = [`z1[${k}]`, `a1[${k}]`, `dz1[${k}]`];
  const parameter = p => [names[p], values[p]];
  const w2 = i => parameter((d + 1) * h + i);
  const input = j => [`x[${j}]`, x[j]];
  const activity = i => [`a1[${i}]`, a1[i]];
  const [probability, error] = [['a2', a2], ['dz2', dz2]];
  const slope = { tanh: `(1 − ${a}²)`, sigmoid: `${a} (1 − ${a})` }[activation];
  return {
    forwardLines: [
      line(z, z1[k], ...sumOf(d, j => [input(j), parameter(j * h + k)], parameter(d * h + k))),
      line(a, a1[k], `${activation}(`, [z, z1[k]], ')'),
      line('z2', z2, ...sumOf(h, i => [activity(i), w2(i)], ['b2', values.at(-1), 'b2[0]'])),
      line('a2', a2, '1 / (1 + e^(', ['−z2', -z2, 'z2'], '))'),
      line('cost', crossEntropy(z2, y), y ? '−ln(' : '−ln(1 − ', probability, ')', [`, since y = ${y}`, '', null]),
    ],
    backwardLines: [
      line('dz2', dz2, '(', probability, ' − ', ['y', `${y}`, null], ') / ', ['m', grouped(m), null]),
      line(`dw2[${k},0]`, dw2[k], activity(k), TIMES, error),
      line(dz, dz1[k], error, TIMES, w2(k), TIMES, [slope ?? `${activation}′(${z})`, slopes[k], slope ? a : z]),
      ...shownTerms(d).map(j => line(`d${names[j * h + k]}`, dw1[j * h + k], input(j), TIMES, [dz, dz1[k]])),
    ],
  };
}

const symbolElement = (symbol, text) => make('span', { class: 'symbol', 'data-symbol': symbol }, text);

/// The parts of a formula with its symbols, or with numbers in their places.
function formulaElements(parts, withNumbers) {
  let before = '';
  return parts.map(part => {
    const [name, value, symbol = name] = typeof part === 'string' ? [part, part, null] : part;
    const number = typeof value === 'string' ? value : significant(value);
    const text = !withNumbers ? name : value < 0 && !before.endsWith('(') ? `(${number})` : number;
    before = text;
    return symbol ? symbolElement(symbol, text) : text;
  });
}

function lineElement({ name, value, parts }) {
  // A derivative lights up what it is the derivative of.
  return make('div', { class: 'formula' },
    make('div', {}, symbolElement(name.replace(/^d(?=w)/, ''), name), ' = ', ...formulaElements(parts, false), make('div', { class: 'numbers' }, '= ', ...formulaElements(parts, true))),
    make('output', { 'data-name': name, 'data-value': value }, significant(value)));
}

/// `root` has the controls, and places for a sentence, the costliest samples, and the two lists of formulas.
export function createSample(root, { run: { samples, train, classes, network: { hidden } }, actions }) {
  const [row, unit] = fields(root, 'sample', 'unit');
  const [intro, worst, forwardList, backwardList] = find(root, '.lead', '.worst', '.forward', '.backward');
  unit.replaceChildren(...Array.from({ length: hidden }, (_, k) => make('option', { value: k }, k)));
  on(unit, 'input', () => actions.set({ unit: Number(unit.value) }));
  const showRow = bindField(row, value => {
    const sample = samples.find(value);
    actions.set(sample < 0 ? {} : { sample });
  });
  on(worst, 'click', ({ target }) => target.value && actions.set({ sample: Number(target.value) }));

  function render({ state, sample, network, z2, update, threshold }) {
    const part = samples.partOf(state.sample);
    unit.value = state.unit;
    showRow(part === train ? samples.rowOf(state.sample) : '');
    const texts = [
      part.name, samples.rowOf(state.sample), classes[sample.y], grouped(update), significant(sample.a2),
      sample.a2 > threshold === sample.y > 0 ? 'right' : 'wrong', significant(crossEntropy(sample.z2, sample.y)),
    ];
    texts.forEach((text, i) => setText(intro.children[i], `${text}`));
    intro.children[2].className = sample.y ? 'text-one' : 'text-zero';
    const costs = Array.from(train.y, (y, i) => [crossEntropy(z2[i], y), i]).sort((a, b) => b[0] - a[0]).slice(0, 5);
    worst.replaceChildren(...costs.map(([, i]) => make('button', { type: 'button', class: 'link', value: i }, samples.rowOf(i))));
    const { forwardLines, backwardLines } = explainSample(network, sample, state.unit, train.total);
    forwardList.replaceChildren(...forwardLines.map(lineElement));
    backwardList.replaceChildren(...backwardLines.map(lineElement));
  }

  return { render };
}

/// The table of the next update, in the two table bodies of `root`. Only a page with all training samples has it.
export function createNextUpdate(root, { run }) {
  const { inputs: d, hidden: h } = run.network;
  const names = parameterNames(run.network);
  const [note] = find(root, '.note');
  const bodies = root.querySelectorAll('tbody');
  const all = names.length <= MAX_PARAMETERS;
  let [rows, built] = [[], null];

  function build(unit) {
    const own = [...names.keys()].filter(p => all || p === names.length - 1 || (p < (d + 2) * h && p % h === unit));
    rows = own.map(p => {
      const cells = [0, 1, 2, 3].map(() => make('td'));
      const arrow = svgPath('arrow', '');
      const drawing = make('td', {}, makeSvg('svg', { width: 48, height: 12, 'aria-hidden': 'true' }, arrow));
      const element = make('tr', { 'data-symbol': names[p] }, make('th', { scope: 'row' }, names[p]), ...cells.slice(0, 3), drawing, cells[3]);
      return { p, cells, arrow, element };
    });
    const half = Math.ceil(rows.length / 2);
    bodies.forEach((body, i) => body.replaceChildren(...rows.slice(i * half, (i + 1) * half).map(row => row.element)));
  }

  function render({ network: { values }, gradient, step, longest, rate, state: { unit } }) {
    const key = all ? -1 : unit;
    if (built !== key) build(unit);
    built = key;
    setText(note, `The learning rate is ${plain(rate)}, and ${longest === 0 ? 'every step is 0' : `the longest arrow ${significant(longest, 3)}`}.${all ? '' : ` The table shows unit ${unit}.`}`);
    for (const { p, cells, arrow } of rows) {
      const texts = [significant(values[p], 5), significant(gradient[p]), significant(-step[p]), significant(values[p] - step[p], 5)];
      texts.forEach((text, c) => setText(cells[c], text));
      arrow.setAttribute('d', arrowPath(24, 6, (-step[p] / longest) * 40));
    }
  }

  return { render };
}
