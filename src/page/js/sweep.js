// The page of a sweep: the boundaries of all its networks at the slider's update, their costs over the updates and side by side,
// two networks in large, and the table, which can be sorted.

import { createAxis, INSET } from './axis.js';
import { decades, pathOf, valueAt } from './curves.js';
import { find, make, makeSvg, on, setAttributes, setText, sizeCanvas, svgCircle, svgPath, svgText } from './dom.js';
import { logitField } from './field.js';
import { logits } from './network.js';
import { grouped, niceTicks, percent, plain, significant } from './numbers.js';
import { drawField, drawPoints } from './picture.js';
import { checkFormat, readDataSet, readTraining } from './run.js';
import { fold, planeOf, project, windowAround } from './slice.js';
import { createTimeBar } from './timebar.js';
import { createTrajectory } from './training.js';
import { readPalette, wrongSide } from './view.js';

const CHART = 118;
const LEFT = 50;
// In a narrower cell nothing can be seen; with wider ones, the slider is far below the first row.
const [LEAST_CELL, MOST_CELL] = [76, 230];
// The width of a character of a label, about.
const CHARACTER = 7.5;

/// The runs of a sweep. Those of one data set share its arrays.
export function readSweep(json) {
  checkFormat(json);
  const sets = json.data.map(readDataSet);
  return json.sweep.map(run => {
    const set = sets[run.data];
    return { ...readTraining(run, set.inputs.length), ...set, set };
  });
}

/// A page of runs with the names of the cost and the accuracy by which they are compared.
export function createSweepPage(runs, { columns, costName, accuracyName }) {
  // Without replay: each run shows its last frame that is not after the slider's update.
  const trajectories = runs.map(run => createTrajectory(run, 0));
  const axis = createAxis(runs.map(run => run.frames.updates).sort((a, b) => b.at(-1) - a.at(-1))[0]);
  const planes = new Map(runs.map(({ set }) => [set, planeWithPoints(set)]));
  const state = { update: axis.updates[axis.last], compared: [0, runs.length - 1] };
  const [main, grid, compared] = find(document, 'main', '#grid', '#compared');
  let palette = readPalette();
  let waiting = false;

  const set = changes => {
    Object.assign(state, changes);
    if (!waiting) requestAnimationFrame(render);
    waiting = true;
  };
  const goTo = position => set({ update: axis.updates[Math.min(axis.last, Math.max(0, Math.round(position)))] });
  const frames = by => goTo(axis.position(state.update) + by);
  const timeBar = createTimeBar(document.getElementById('timebar'), { axis, actions: { frames, step: frames, goTo: update => goTo(axis.position(update)) } });
  const cells = runs.map(({ name }, i) => createCell(name, () => state.compared.includes(i) || set({ compared: [state.compared[1], i] })));
  const large = [0, 1].map(() => createCell('', null));
  grid.append(...cells.map(cell => cell.root));
  compared.append(...large.map(cell => cell.root));
  const legends = find(document, '.legend.main', '.legend.second');
  const curves = createCostCurves(document.querySelector('svg.curves'), runs, axis, costName);
  const bars = createCostChart(document.querySelector('svg.cost'), runs);
  makeSortable(document.querySelector('#runs table'));

  function viewAt(run, i) {
    const update = trajectories[i].lands(state.update);
    const network = trajectories[i].networkAfter(update);
    const { plane, points, window } = planes.get(run.set);
    const z2 = logits(network, run.samples.x);
    const [cost, accuracy] = [costName, accuracyName].map(name => valueAt(run.history.updates, run.history[name], update)?.value ?? NaN);
    return { plane, points, window, run, palette, slider: state.update, cost, accuracy, threshold: run.threshold, folded: fold(network, plane), state: { part: -1, sample: -1 }, wrong: wrongSide(z2, run.samples.y, run.threshold) };
  }

  function render() {
    waiting = false;
    const views = runs.map(viewAt);
    cells.forEach((cell, i) => {
      drawCell(cell, views[i], 100);
      setAttributes(cell.root, { 'aria-pressed': state.compared.includes(i) });
    });
    large.forEach((cell, side) => {
      setText(legends[side], runs[state.compared[side]].name);
      setText(cell.name, runs[state.compared[side]].name);
      drawCell(cell, views[state.compared[side]], 200);
    });
    curves(state);
    bars(views.map(view => view.cost), state.compared);
    timeBar.render({ update: state.update }, timeBar.box.clientWidth);
  }

  new ResizeObserver(() => {
    // The values of two keys in rows and columns, where there is room for them.
    const fits = columns && grid.clientWidth / columns >= LEAST_CELL;
    grid.style.gridTemplateColumns = fits ? `repeat(${columns}, minmax(0, ${MOST_CELL}px))` : '';
    set({});
  }).observe(main);
  on(matchMedia('(prefers-color-scheme: dark)'), 'change', () => { palette = readPalette(); set({}); });
  return { state, set };
}

function planeWithPoints(set) {
  const plane = planeOf(set, { slice: 0, pair: null });
  const points = project(set.samples, plane);
  return { plane, points, window: windowAround(points) };
}

function createCell(text, choose) {
  const [canvas, name, score] = [make('canvas', { 'aria-hidden': 'true' }), make('span', {}, text), make('span', { class: 'soft' })];
  const root = make(choose ? 'button' : 'div', { class: 'cell' }, canvas, make('span', { class: 'cell-name' }, name, score));
  if (choose) on(root, 'click', choose);
  return { root, canvas, name, score };
}

function drawCell({ root, canvas, score }, view, side) {
  const width = root.clientWidth;
  const context = sizeCanvas(canvas, width, width);
  drawField(context, view, logitField(view.folded, view.window, side), side, width);
  drawPoints(context, view, width);
  const { divergence } = view.run;
  setText(score, divergence && view.slider >= view.run.training.updates ? ` diverged at ${grouped(divergence.update)}` : ` ${percent(view.accuracy)}, cost ${significant(view.cost)}`);
}

/// The costs of all runs over the slider's axis. Returns a function that marks the compared ones, and the slider's update.
function createCostCurves(svg, runs, axis, costName) {
  const costs = runs.flatMap(({ history }) => [...history[costName]]).filter(cost => cost > 0 && Number.isFinite(cost));
  const [low, high] = [Math.min(...costs) / 1.1, Math.max(...costs) * 1.1];
  const y = cost => 8 + (CHART - 8) * (1 - Math.log(cost / low) / Math.log(high / low));
  setAttributes(svg, { 'aria-label': `${costName.replace('_', ' ')} of all runs over the updates` });
  return ({ update, compared }) => {
    const width = svg.clientWidth - LEFT - INSET;
    const x = at => LEFT + axis.share(at) * width;
    // The compared ones come last, above the others.
    const order = [...runs.keys()].sort((a, b) => compared.includes(a) - compared.includes(b));
    svg.replaceChildren(
      ...decades(low, high).flatMap(tick => gridLine(tick, y(tick), LEFT + width)),
      ...order.map(i => {
        const kind = ['main', 'second'][compared.indexOf(i)] ?? 'other';
        const curve = svgPath(`curve ${kind}`, pathOf(runs[i].history.updates, runs[i].history[costName], x, y));
        curve.append(makeSvg('title', {}, runs[i].name));
        return curve;
      }),
      svgPath('here-line', `M${x(update)} 8V${CHART}`),
      ...[0, axis.updates[axis.last]].slice(0, axis.last + 1).map((at, end) => svgText(x(at), CHART + 18, end ? 'end' : 'start', grouped(at))));
  };
}

/// The cost of each run, in the order of the runs. Returns a function that draws the costs.
function createCostChart(svg, runs) {
  const longest = Math.max(...runs.map(run => run.label.length));
  return (costs, compared) => {
    const space = (svg.clientWidth - LEFT - INSET) / runs.length;
    const known = costs.filter(Number.isFinite);
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const log = least > 0 && most > 20 * least;
    const margin = (most - least || 1) * 0.1;
    const [low, high] = log ? [least / 1.2, most * 1.2] : [least - margin, most + margin];
    const to = log ? Math.log : value => value;
    const x = i => LEFT + space * (i + 0.5);
    const y = cost => CHART - ((CHART - 8) * (to(cost) - to(low))) / (to(high) - to(low));
    const every = Math.ceil(((longest + 1) * CHARACTER) / space);
    svg.replaceChildren(
      ...(log ? decades(low, high) : niceTicks(low, high, 3)).flatMap(tick => gridLine(tick, y(tick), LEFT + space * runs.length)),
      ...runs.flatMap(({ name, label, divergence }, i) => [
        svgCircle(runs[i].divergence ? 'diverged' : compared.includes(i) ? 'compared' : 'bin', x(i), y(costs[i]) || 0, Number.isFinite(costs[i]) ? 4.5 : 0, makeSvg('title', {}, `${name}: ${significant(costs[i])}${divergence ? ', diverges later' : ''}`)),
        ...(i % every ? [] : [svgText(x(i), CHART + 18, 'middle', label)]),
      ]));
    const texts = runs.map(({ name, divergence }, i) => `${name}: ${significant(costs[i])}${divergence ? ', diverges later' : ''}`);
    setAttributes(svg, { 'aria-label': `The cost of each run: ${texts.join('; ')}` });
  };
}

function gridLine(tick, y, right) {
  return [svgPath('grid', `M${LEFT} ${y}H${right}`), svgText(LEFT - 6, y + 4, 'end', plain(tick, 3))];
}

/// Makes the heads of a table buttons that sort its rows: upwards, then downwards. Cells without a number come last.
export function makeSortable(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = make('button', { type: 'button', class: 'link' }, head.textContent);
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const sign = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', sign < 0 ? 'descending' : 'ascending');
      const text = row => row.cells[column].textContent;
      const number = row => Number.parseFloat(text(row).replaceAll(',', ''));
      body.append(...[...body.rows].sort((a, b) => {
        const [left, right] = [number(a), number(b)];
        if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) - Number.isNaN(right) || sign * text(a).localeCompare(text(b));
        return sign * (left - right);
      }));
    });
  });
}

export function startSweep() {
  const json = JSON.parse(document.getElementById('run').textContent);
  const prefix = ['', 'validation_'][json.compared_part];
  document.documentElement.classList.add('js');
  window.petal = createSweepPage(readSweep(json), { columns: json.columns, costName: `${prefix}cost`, accuracyName: `${prefix}accuracy` });
}

if (globalThis.document?.getElementById('run')) startSweep();
