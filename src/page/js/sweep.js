// The page of a sweep: the boundaries of all its runs at the slider's update, a chart of their costs and accuracies, two of them
// side by side, and the table, which can be sorted.

import { createAxis, INSET } from './axis.js';
import { make, makeSvg, setAttributes, setText, sizeCanvas, svgCircle, svgPath, svgText } from './dom.js';
import { logitField } from './field.js';
import { logits } from './network.js';
import { niceTicks, percent, plain, significant } from './numbers.js';
import { drawField, drawPoints } from './picture.js';
import { readRun } from './run.js';
import { fold, planeOf, project, windowAround } from './slice.js';
import { createTimeBar } from './timebar.js';
import { createTrajectory } from './training.js';
import { readPalette, scoresOf, wrongSide } from './view.js';

const CHART = 110;

/// The runs of a sweep, each complete.
export function readSweep(json) {
  const { classes, inputs, samples, slices } = json;
  return json.sweep.map(one => ({
    ...readRun({ ...one, format: json.format, classes, inputs, samples, slices }),
    name: one.name,
  }));
}

export function createSweepPage(runs) {
  // Without replay: each run shows its last frame that is not after the slider's update.
  const trajectories = runs.map(run => createTrajectory(run, 0));
  const axis = createAxis(runs.map(run => run.frames.updates).sort((a, b) => b.at(-1) - a.at(-1))[0]);
  const plane = planeOf(runs[0], { slice: 0, pair: null });
  const points = project(runs[0].samples, plane);
  const shared = { plane, points, window: windowAround(points) };
  const state = { update: axis.updates[axis.last], compared: [0, runs.length - 1] };
  let palette = readPalette();
  let waiting = false;

  const set = changes => {
    Object.assign(state, changes);
    if (!waiting) requestAnimationFrame(render);
    waiting = true;
  };
  const clamp = index => Math.min(axis.last, Math.max(0, index));
  const frames = by => set({ update: axis.updates[clamp(axis.position(state.update) + by)] });
  const timeBar = createTimeBar(document.getElementById('timebar'), { axis, actions: { frames, step: frames, goTo: update => set({ update: axis.updates[clamp(Math.round(axis.position(update)))] }) } });
  const cells = runs.map(({ name }, i) => createCell(name, () => set({ compared: [state.compared[1], i] })));
  document.getElementById('grid').append(...cells.map(cell => cell.button));
  const large = [0, 1].map(() => createCell('', null));
  document.getElementById('compared').append(...large.map(cell => cell.button));
  const charts = ['cost', 'accuracy'].map(name => createChart(document.querySelector(`svg.${name}`), runs));
  document.querySelectorAll('table.sortable').forEach(makeSortable);

  function viewAt(i) {
    const run = runs[i];
    const network = trajectories[i].networkAfter(trajectories[i].lands(state.update));
    const z2 = logits(network, run.samples.x);
    const part = run.samples.parts.findLast(({ name, y }) => name !== 'test' && y.length > 0);
    return { ...shared, run, palette, threshold: run.threshold, folded: fold(network, plane), state: { part: -1, sample: -1 },
      wrong: wrongSide(z2, run.samples.y, run.threshold), ...scoresOf(part, z2, run.threshold) };
  }

  function render() {
    waiting = false;
    const views = runs.map((_, i) => viewAt(i));
    cells.forEach((cell, i) => {
      drawCell(cell, views[i], 100);
      setAttributes(cell.button, { 'aria-pressed': state.compared.includes(i) });
    });
    large.forEach((cell, side) => {
      const i = state.compared[side];
      setText(cell.name, runs[i].name);
      drawCell(cell, views[i], 200);
    });
    charts[0](views.map(view => view.cost), significant);
    charts[1](views.map(view => view.accuracy), percent);
    timeBar.render({ update: state.update }, timeBar.box.clientWidth);
  }

  new ResizeObserver(() => set({})).observe(document.querySelector('main'));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { palette = readPalette(); set({}); });
  render();
  return { state, set };
}

function createCell(text, choose) {
  const [canvas, name, score] = [make('canvas', { 'aria-hidden': 'true' }), make('span', {}, text), make('span', { class: 'soft' })];
  const button = make(choose ? 'button' : 'div', { class: 'cell' }, canvas, make('span', { class: 'cell-name' }, name, score));
  if (choose) button.addEventListener('click', choose);
  return { button, canvas, name, score };
}

function drawCell({ button, canvas, score }, view, side) {
  const width = button.clientWidth;
  const context = sizeCanvas(canvas, width, width);
  drawField(context, view, logitField(view.folded, view.window, side), side, width);
  drawPoints(context, view, width);
  setText(score, ` ${percent(view.accuracy)}, cost ${significant(view.cost)}`);
}

/// One number of each run, in the order of the runs. Returns a function that draws the numbers.
function createChart(svg, runs) {
  return (values, format) => {
    const width = svg.clientWidth;
    const known = values.filter(Number.isFinite);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const space = (high - low || 1) * 0.15;
    const x = i => 50 + ((width - 60) * (i + 0.5)) / runs.length;
    const y = value => CHART - (CHART * (value - low + space)) / (high - low + 2 * space || 1);
    const ticks = niceTicks(low - space, high + space, 3);
    svg.replaceChildren(
      ...ticks.flatMap(tick => [svgPath('grid', `M50 ${y(tick)}H${width - INSET}`), svgText(44, y(tick) + 4, 'end', plain(tick, 4))]),
      svgPath('curve', `M${values.map((value, i) => `${x(i)} ${y(value)}`).join('L')}`),
      ...values.flatMap((value, i) => [
        svgCircle('bin', x(i), y(value), 4.5, makeSvg('title', {}, `${runs[i].name}: ${format(value)}`)),
        svgText(x(i), CHART + 18, 'middle', runs[i].network.hidden),
      ]));
  };
}

/// Makes the heads of a table buttons that sort its rows by the data-sort of their cells: upwards, then downwards.
export function makeSortable(table) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = make('button', { type: 'button', class: 'link' }, head.textContent);
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const key = row => Number(row.cells[column].dataset.sort);
      body.append(...[...body.rows].sort((a, b) => (down ? key(b) - key(a) : key(a) - key(b))));
    });
  });
}

export function startSweep() {
  const runs = readSweep(JSON.parse(document.getElementById('run').textContent));
  document.documentElement.classList.add('js');
  window.petal = createSweepPage(runs);
}

if (typeof document !== 'undefined' && document.getElementById('run')) startSweep();
