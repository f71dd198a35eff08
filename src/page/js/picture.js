// The picture: the probability of class 1 over the plane, the line where it equals the threshold, and the samples.

import { make, makeSvg, setText, sizeCanvas, svgPath, svgText } from './dom.js';
import { contour, logitField, paintField } from './field.js';
import { arraysOf, logit, logitOf, sigmoid } from './network.js';
import { niceTicks, plain, significant } from './numbers.js';

const SIDE = 200;
// The space for numbers at the right and below.
const MARGIN = { right: 44, bottom: 34 };

/// `root` has a stage for the picture and a place for the reading under the pointer.
export function createPicture(root, run, actions) {
  const stage = root.querySelector('.stage');
  const reading = root.querySelector('.reading');
  const field = make('canvas', { role: 'img' });
  const points = make('canvas', { 'aria-hidden': 'true', class: 'points' });
  const axes = makeSvg('svg', { class: 'axes', 'aria-hidden': 'true' });
  stage.append(axes, field, points);
  let last = null;
  let values = null;
  let [drawnPoints, drawnAxes] = ['', ''];

  points.addEventListener('click', ({ offsetX, offsetY }) => actions.set({ sample: nearestSample(last, offsetX, offsetY, points.clientWidth) }));
  points.addEventListener('pointermove', ({ offsetX, offsetY }) => {
    setText(reading, readAt(last, toPlane(last.window, offsetX / points.clientWidth, offsetY / points.clientHeight)));
  });
  points.addEventListener('pointerleave', () => setText(reading, ''));
  const size = () => Math.max(160, root.clientWidth - MARGIN.right);

  function render(view) {
    last = view;
    const { folded, palette, planeKey, signature, state, threshold, update } = view;
    const width = size();
    stage.style.height = `${width + MARGIN.bottom}px`;
    values = logitField(folded, view.window, SIDE, values);
    const context = sizeCanvas(field, width, width);
    drawField(context, view, values, SIDE, width);
    if (run.network.hidden > 1) drawLine(context, zeroLine(folded, view.window, state.unit), width, palette.ink, [5, 4]);
    field.setAttribute('aria-label', `The probability of ${run.classes[1]} after update ${update}, with the line where it is ${threshold}`);

    const key = `${planeKey} ${width} ${devicePixelRatio} ${palette.ink}`;
    if (drawnAxes !== key) drawAxes(axes, view, width);
    if (drawnPoints !== key + signature) drawPoints(sizeCanvas(points, width, width), view, width);
    [drawnAxes, drawnPoints] = [key, key + signature];
  }

  // For tests: the line, and the probability at a position in cells.
  const line = view => ({ lines: boundaryLine(view, values, SIDE), at: (...cell) => probabilityAt(view, onGrid(view.window, SIDE, ...cell)) });
  return { render, size, line };
}

function toPlane({ x, y }, across, down) {
  return [x[0] + (x[1] - x[0]) * across, y[1] - (y[1] - y[0]) * down];
}

function onGrid(window, side, c, r) {
  return toPlane(window, c / (side - 1), r / (side - 1));
}

/// A field with the line of the threshold.
export function drawField(context, view, values, side, width) {
  paintField(context, values, side, view.palette, 0, 0, width, width);
  drawLine(context, boundaryLine(view, values, side), width / (side - 1), view.palette.ink, []);
}

/// Where a sample is in a picture of this width.
export function placeOf({ points, window: { x, y } }, i, width) {
  return [((points[2 * i] - x[0]) / (x[1] - x[0])) * width, ((y[1] - points[2 * i + 1]) / (y[1] - y[0])) * width];
}

/// The line of the threshold, in cells of the grid.
function boundaryLine({ folded, window, threshold }, values, side) {
  const z2 = logitOf(folded);
  return contour(values, side, logit(threshold), (c, r) => z2(onGrid(window, side, c, r), 0), folded.hidden > 16 ? 1 : 3);
}

/// The straight line where a unit's z1 is zero, as shares of the window: [x0, y0, x1, y1], or nothing where it is outside.
export function zeroLine(folded, window, unit) {
  const { w1, b1 } = arraysOf(folded);
  const z1 = corner => { const [x, y] = toPlane(window, ...corner); return w1[unit] * x + w1[folded.hidden + unit] * y + b1[unit]; };
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]];
  const crossings = [];
  for (let i = 0; i < 4; i++) {
    const [from, to] = [z1(corners[i]), z1(corners[i + 1])];
    if (from > 0 !== to > 0) crossings.push(...corners[i].map((value, axis) => value + ((corners[i + 1][axis] - value) * from) / (from - to)));
  }
  return crossings.length === 4 ? crossings : [];
}

export function drawLine(context, lines, scale, ink, dash) {
  context.beginPath();
  for (let i = 0; i < lines.length; i += 4) {
    context.moveTo(lines[i] * scale, lines[i + 1] * scale);
    context.lineTo(lines[i + 2] * scale, lines[i + 3] * scale);
  }
  context.strokeStyle = ink;
  context.lineWidth = dash.length ? 1 : 1.5;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

/// The samples: circles are class 0, triangles class 1. Those on the wrong side have an outline of ink and lie on top.
export function drawPoints(context, view, width) {
  const { run: { samples }, palette, wrong, state } = view;
  const radius = (samples.count > 1000 ? 2.2 : samples.count > 500 ? 3 : 4) * Math.min(1, Math.max(0.5, width / 480));
  const [start, end] = state.part < 0 ? [0, samples.count] : [samples.parts[state.part].start, samples.parts[state.part].end];
  for (const side of [0, 1]) {
    context.strokeStyle = side ? palette.ink : palette.paper;
    context.lineWidth = (side ? 0.37 : 0.25) * radius;
    for (let i = start; i < end; i++) {
      if (wrong[i] !== side) continue;
      context.fillStyle = palette.marks[samples.y[i]];
      markPath(context, samples.y[i], ...placeOf(view, i, width), radius);
      context.fill();
      context.stroke();
    }
  }
  if (state.sample < 0) return;
  for (const [ink, thickness] of [[palette.paper, 4.5], [palette.ink, 2]]) {
    markPath(context, 0, ...placeOf(view, state.sample, width), 10.5);
    context.strokeStyle = ink;
    context.lineWidth = thickness;
    context.stroke();
  }
}

function markPath(context, label, x, y, radius) {
  context.beginPath();
  if (label === 0) {
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const r = radius * 1.3;
  context.moveTo(x, y - r);
  context.lineTo(x + 0.9 * r, y + 0.6 * r);
  context.lineTo(x - 0.9 * r, y + 0.6 * r);
  context.closePath();
}

/// The names of the axes and a few numbers, in the units of the table.
function drawAxes(svg, { plane, window }, width) {
  const parts = [];
  plane.axes.forEach(({ name, shift, scale }, axis) => {
    const [low, high] = [window.x, window.y][axis].map(value => shift + scale * value);
    for (const tick of name ? niceTicks(low, high, 5) : []) {
      const at = width * (axis ? (high - tick) / (high - low) : (tick - low) / (high - low));
      if (at < 12 || at > width - 12) continue;
      parts.push(svgPath('tick', axis ? `M${width} ${at}h4` : `M${at} ${width}v4`));
      parts.push(axis ? svgText(width + 8, at + 4, 'start', plain(tick, 4)) : svgText(at, width + 16, 'middle', plain(tick, 4)));
    }
  });
  svg.replaceChildren(...parts, svgText(width, width + 31, 'end', plane.axes.map(({ name }, axis) => name && `${'→↑'[axis]} ${name}`).join('\u2003')));
}

function probabilityAt({ folded }, place) {
  return sigmoid(logitOf(folded)(place, 0));
}

function readAt(view, place) {
  const [x, y] = view.plane.axes.map(({ shift, scale }, axis) => significant(shift + scale * place[axis], 3));
  return `at (${x}, ${y}): ${significant(probabilityAt(view, place), 3)}`;
}

/// The sample that is nearest to a place of the picture, in pixels.
function nearestSample(view, x, y, width) {
  let [best, least] = [-1, Infinity];
  for (let i = 0; i < view.run.samples.count; i++) {
    const [across, down] = placeOf(view, i, width);
    const distance = Math.hypot(across - x, down - y);
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}
