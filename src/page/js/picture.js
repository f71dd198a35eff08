// The picture: the probability of class 1 over the plane, the line where it equals the threshold, and the samples.

import { make, makeSvg, setText, sizeCanvas } from './dom.js';
import { contour, logitField, paintField } from './field.js';
import { arraysOf, forward, logit } from './network.js';
import { niceTicks, plain, significant } from './numbers.js';

const SIDE = 200;
// The space for numbers at the right and below.
export const MARGIN = { right: 44, bottom: 34 };

export function createPicture(root, run, actions) {
  const field = make('canvas', { role: 'img', tabindex: 0 });
  const points = make('canvas', { 'aria-hidden': 'true', class: 'points' });
  const axes = makeSvg('svg', { class: 'axes', 'aria-hidden': 'true' });
  const reading = make('span', { class: 'reading' });
  const stage = make('div', { class: 'stage' }, axes, field, points);
  root.append(stage, createKey(run, reading));

  let last = null;
  let values = null;
  let drawnPoints = '';
  const size = () => Math.max(160, Math.round(root.clientWidth - MARGIN.right));
  const place = event => {
    const box = field.getBoundingClientRect();
    return toPlane(last.window, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  points.addEventListener('click', event => actions.chooseSample(nearestSample(last, place(event))));
  points.addEventListener('pointermove', event => last && setText(reading, readAt(last, place(event))));
  points.addEventListener('pointerleave', () => setText(reading, ''));
  field.addEventListener('keydown', event => {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!direction) return;
    event.preventDefault();
    actions.chooseSample(neighbour(last, direction));
  });

  function render(view) {
    last = view;
    const width = size();
    const resized = sizeCanvas(field, width, width);
    sizeCanvas(points, width, width);
    if (resized) stage.style.height = `${width + MARGIN.bottom}px`;
    values = logitField(view.folded, view.window, SIDE, values);
    const context = field.getContext('2d');
    context.setTransform(field.width / width, 0, 0, field.width / width, 0, 0);
    context.clearRect(0, 0, width, width);
    paintField(context, values, SIDE, view.palette, 0, 0, width, width);
    drawLine(context, boundaryLine(view, values), width, view.palette.ink, []);
    if (run.network.hidden > 1) drawLine(context, unitLine(view), width, view.palette.ink, [5, 4]);
    field.setAttribute('aria-label', describePicture(run, view));
    drawAxes(axes, view, width);

    const key = [view.signature, width, devicePixelRatio].join();
    if (key !== drawnPoints) drawPoints(points, view, width);
    drawnPoints = key;
  }

  // For tests: the line, and the probability at a position in cells.
  const line = view => ({
    lines: boundaryLine(view, values),
    at: (c, r) => forward(view.folded, toPlane(view.window, c / (SIDE - 1), r / (SIDE - 1))).a2,
  });
  return { render, size, line };
}

/// The line of the threshold, in cells of the grid.
function boundaryLine(view, values) {
  const { folded, window, threshold } = view;
  const exact = (c, r) => forward(folded, toPlane(window, c / (SIDE - 1), r / (SIDE - 1))).z2;
  return contour(values, SIDE, logit(threshold), exact);
}

/// The straight line where the chosen unit's z1 is zero: two points in cells, or none outside the window.
function unitLine({ folded, window, state }) {
  const { w1, b1 } = arraysOf(folded);
  const [u, v, b] = [w1[state.unit], w1[folded.hidden + state.unit], b1[state.unit]];
  const at = (c, r) => { const [x, y] = toPlane(window, c, r); return u * x + v * y + b; };
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1]];
  const crossings = [];
  corners.forEach((corner, i) => {
    const next = corners[(i + 1) % 4];
    const [from, to] = [at(...corner), at(...next)];
    if (from > 0 === to > 0) return;
    const t = from / (from - to);
    crossings.push(...corner.map((value, axis) => (value + (next[axis] - value) * t) * (SIDE - 1)));
  });
  return crossings.length === 4 ? crossings : [];
}

function toPlane({ x, y }, across, down) {
  return [x[0] + (x[1] - x[0]) * across, y[1] - (y[1] - y[0]) * down];
}

function drawLine(context, lines, width, ink, dash) {
  const scale = width / (SIDE - 1);
  context.beginPath();
  for (let i = 0; i < lines.length; i += 4) {
    context.moveTo(lines[i] * scale, lines[i + 1] * scale);
    context.lineTo(lines[i + 2] * scale, lines[i + 3] * scale);
  }
  context.strokeStyle = ink;
  context.lineWidth = dash.length ? 1 : 1.5;
  context.lineCap = dash.length ? 'butt' : 'round';
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

/// The path of a sample's mark: circles are class 0, triangles class 1.
export function markPath(context, label, x, y, radius) {
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

function drawPoints(canvas, view, width) {
  const { samples } = view.run;
  const { palette, wrong, points, window, state } = view;
  const context = canvas.getContext('2d');
  context.setTransform(canvas.width / width, 0, 0, canvas.width / width, 0, 0);
  context.clearRect(0, 0, width, width);
  const radius = (samples.count > 1000 ? 2.2 : samples.count > 500 ? 3 : 4) * Math.min(1, Math.max(0.75, width / 480));
  const at = i => [
    ((points[2 * i] - window.x[0]) / (window.x[1] - window.x[0])) * width,
    ((window.y[1] - points[2 * i + 1]) / (window.y[1] - window.y[0])) * width,
  ];
  const draw = (i, outline, thickness) => {
    markPath(context, samples.y[i], ...at(i), radius);
    context.fillStyle = palette.marks[samples.y[i]];
    context.fill();
    context.strokeStyle = outline;
    context.lineWidth = thickness;
    context.stroke();
  };
  const visible = i => state.part < 0 || (i >= samples.parts[state.part].start && i < samples.parts[state.part].end);
  for (let i = 0; i < samples.count; i++) if (visible(i) && !wrong[i]) draw(i, palette.paper, 1);
  for (let i = 0; i < samples.count; i++) if (visible(i) && wrong[i]) draw(i, palette.ink, 1.5);
  if (state.sample < 0) return;
  context.beginPath();
  context.arc(...at(state.sample), 2.6 * radius, 0, 2 * Math.PI);
  context.strokeStyle = palette.paper;
  context.lineWidth = 4.5;
  context.stroke();
  context.strokeStyle = palette.ink;
  context.lineWidth = 2;
  context.stroke();
}

/// The names of the axes and a few numbers, in the units of the table.
function drawAxes(svg, { plane, window, planeKey }, width) {
  const key = `${planeKey} ${width}`;
  if (svg.dataset.key === key) return;
  svg.dataset.key = key;
  svg.setAttribute('width', width + MARGIN.right);
  svg.setAttribute('height', width + MARGIN.bottom);
  const parts = [];
  const text = (x, y, content, attributes) => parts.push(makeSvg('text', { x, y, ...attributes }, content));
  plane.axes.forEach(({ name, shift, scale }, axis) => {
    const [low, high] = [window.x, window.y][axis].map(value => shift + scale * value);
    for (const tick of name ? niceTicks(low, high, 5) : []) {
      const at = width * (axis ? (high - tick) / (high - low) : (tick - low) / (high - low));
      if (at < 12 || at > width - 12) continue;
      parts.push(makeSvg('path', { d: axis ? `M${width} ${at}h4` : `M${at} ${width}v4` }));
      if (axis) text(width + 8, at + 4, plain(tick, 4), {});
      else text(at, width + 16, plain(tick, 4), { 'text-anchor': 'middle' });
    }
  });
  const names = plane.axes.map(({ name }, axis) => name && `${axis ? '↑' : '→'} ${name}`).filter(Boolean);
  text(width, width + 31, names.join('\u2003'), { class: 'name', 'text-anchor': 'end' });
  svg.replaceChildren(...parts);
}

function createKey(run, reading) {
  const mark = label => makeSvg('svg', { viewBox: '-8 -8 16 16', width: 14, height: 14, 'aria-hidden': 'true' },
    label ? makeSvg('path', { class: 'mark one', d: 'M0-7 6.3 5h-12.6z' }) : makeSvg('circle', { class: 'mark zero', r: 5.5 }));
  const ring = makeSvg('svg', { viewBox: '-8 -8 16 16', width: 14, height: 14, 'aria-hidden': 'true' }, makeSvg('circle', { class: 'ring', r: 5.5 }));
  return make('div', { class: 'key' },
    make('span', {}, mark(0), make('span', { class: 'class-name' }, run.classes[0])),
    make('span', { class: 'ramp', 'aria-hidden': 'true' }),
    make('span', {}, make('span', { class: 'class-name' }, run.classes[1]), mark(1)),
    make('span', {}, ring, 'on the wrong side'),
    reading);
}

function readAt({ folded, plane }, place) {
  const [x, y] = plane.axes.map(({ shift, scale }, axis) => significant(shift + scale * place[axis], 3));
  return `at (${x}, ${y}): ${significant(forward(folded, place).a2, 3)}`;
}

function nearestSample({ points, window }, [x, y]) {
  const [sx, sy] = [window.x[1] - window.x[0], window.y[1] - window.y[0]];
  let best = -1;
  let least = Infinity;
  for (let i = 0; 2 * i < points.length; i++) {
    const distance = ((points[2 * i] - x) / sx) ** 2 + ((points[2 * i + 1] - y) / sy) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/// The nearest sample in a direction from the chosen one, within a quarter turn.
function neighbour({ points, window, state }, [dx, dy]) {
  const [sx, sy] = [window.x[1] - window.x[0], window.y[1] - window.y[0]];
  const from = Math.max(state.sample, 0);
  let best = from;
  let least = Infinity;
  for (let i = 0; 2 * i < points.length; i++) {
    const x = (points[2 * i] - points[2 * from]) / sx;
    const y = (points[2 * i + 1] - points[2 * from + 1]) / sy;
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy - y * dx);
    if (ahead > 0 && aside <= ahead && x * x + y * y < least) [best, least] = [i, x * x + y * y];
  }
  return best;
}

function describePicture(run, { update, accuracy, plane, threshold }) {
  const axes = plane.axes.map(axis => axis.name).filter(Boolean).join(' and ');
  const share = accuracy === null ? '' : ` ${Math.round(100 * accuracy)} per cent of the training samples are on the right side.`;
  return `The probability of class ${run.classes[1]} over ${axes} after update ${update}, with the line where it is ${threshold}.${share} ` +
    'Arrow keys choose the next sample in a direction.';
}
