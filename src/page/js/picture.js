// The picture: the probability of class 1 over the plane, the line where it equals the threshold, and the samples.

import { find, on, setText, sizeCanvas, svgPath, svgText } from './dom.js';
import { contour, logitField, paintField, unitOf } from './field.js';
import { logit, logitOf, sigmoid } from './network.js';
import { largest, niceTicks, plain, significant } from './numbers.js';

const SIDE = 200;
// The space for numbers at the right and below.
const MARGIN = { right: 44, bottom: 34 };

/// The keys of what was drawn last in a root: axes and samples stay while they are the same, also for another run.
const drawnLast = new WeakMap();

/// `root` has a stage with the canvases and the axes, and a place for the reading under the pointer.
export function createPicture(root, { run: { classes, network: { hidden } }, actions }) {
  const [stage, axes, field, points, reading] = find(root, '.stage', '.axes', '.field', '.points', '.reading');
  let [last, values] = [null, null];
  if (!drawnLast.has(root)) drawnLast.set(root, {});
  const drawn = drawnLast.get(root);
  on(points, 'click', ({ offsetX, offsetY }) => actions.set({ sample: nearestSample(last, offsetX, offsetY, points.clientWidth) }));
  on(points, 'pointermove', ({ offsetX, offsetY }) => {
    setText(reading, readAt(last, toPlane(last.window, offsetX / points.clientWidth, offsetY / points.clientHeight)));
  });
  on(points, 'pointerleave', () => setText(reading, ''));
  const size = () => Math.max(160, root.clientWidth - MARGIN.right);

  function render(view) {
    const { folded, window: plane, palette, planeKey, signature, state, threshold, update } = view;
    const width = size();
    last = view;
    stage.style.height = `${width + MARGIN.bottom}px`;
    values = logitField(folded, plane, SIDE, values);
    const context = sizeCanvas(field, width, width);
    drawField(context, view, values, SIDE, width);
    if (hidden > 1) drawLine(context, zeroLine(unitOf(folded, state.unit), plane), width, palette.ink, [5, 4]);
    field.ariaLabel = `The probability of ${classes[1]} after update ${update}, with the line where it is ${threshold}`;

    const { samples } = view.run;
    const key = [planeKey, width, devicePixelRatio, palette.ink].join();
    const isSame = drawn.samples === samples && drawn.key === key;
    if (!isSame) drawAxes(axes, view, width);
    if (!isSame || drawn.signature !== signature) drawPoints(sizeCanvas(points, width, width), view, width);
    Object.assign(drawn, { samples, key, signature });
  }

  return { render, size };
}

const toPlane = ({ x, y }, across, down) => [x[0] + (x[1] - x[0]) * across, y[1] - (y[1] - y[0]) * down];

/// A field with the line of the threshold.
export function drawField(context, view, values, side, width) {
  paintField(context, values, side, view.palette, 0, 0, width, width);
  drawLine(context, boundaryLine(view, values, side), width / (side - 1), view.palette.ink, []);
}

/// Where a sample is in a picture of this width.
export const placeOf = ({ points, window: { x, y } }, i, width) => [((points[2 * i] - x[0]) / (x[1] - x[0])) * width, ((y[1] - points[2 * i + 1]) / (y[1] - y[0])) * width];

/// The line of the threshold, in cells of the grid.
export function boundaryLine({ folded, window, threshold }, values, side) {
  const z2 = logitOf(folded);
  const exact = (c, r) => z2(toPlane(window, c / (side - 1), r / (side - 1)), 0);
  return contour(values, side, logit(threshold), exact, folded.hidden > 16 ? 2 : 3);
}

/// The straight line where z1 of a single unit is zero, as shares of the window: [x0, y0, x1, y1], or nothing where it is outside.
export function zeroLine({ values: [u, v, bias] }, window) {
  const z1 = corner => { const [x, y] = toPlane(window, ...corner); return u * x + v * y + bias; };
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1]];
  const crossings = corners.flatMap((corner, i) => {
    const next = corners[(i + 1) % 4];
    const [from, to] = [z1(corner), z1(next)];
    return from > 0 === to > 0 ? [] : corner.map((value, axis) => value + ((next[axis] - value) * from) / (from - to));
  });
  return crossings.length === 4 ? crossings : [];
}

export function drawLine(context, lines, scale, ink, dash) {
  context.beginPath();
  for (let i = 0; i < lines.length; i += 4) {
    context.moveTo(lines[i] * scale, lines[i + 1] * scale);
    context.lineTo(lines[i + 2] * scale, lines[i + 3] * scale);
  }
  context.setLineDash(dash);
  strokePath(context, ink, dash.length ? 1 : 1.5);
  context.setLineDash([]);
}

/// The samples: circles are class 0, triangles class 1. Those on the wrong side have an outline of ink and lie on top.
export function drawPoints(context, view, width) {
  const { run: { samples: { count, parts, y } }, palette, wrong, state: { part, sample } } = view;
  const radius = (count > 1000 ? 2.2 : count > 500 ? 3 : 4) * Math.min(1, Math.max(0.5, width / 480));
  const { start, end } = parts[part] ?? { start: 0, end: count };
  for (const side of [0, 1]) {
    for (let i = start; i < end; i++) {
      if (wrong[i] !== side) continue;
      context.fillStyle = palette.marks[y[i]];
      markPath(context, y[i], ...placeOf(view, i, width), radius);
      context.fill();
      strokePath(context, side ? palette.ink : palette.paper, (side ? 0.37 : 0.25) * radius);
    }
  }
  if (sample < 0) return;
  markPath(context, 0, ...placeOf(view, sample, width), 10.5);
  strokePath(context, palette.paper, 4.5);
  strokePath(context, palette.ink, 2);
}

function strokePath(context, ink, thickness) {
  context.strokeStyle = ink;
  context.lineWidth = thickness;
  context.stroke();
}

export function markPath(context, label, x, y, radius) {
  const r = radius * 1.3;
  context.beginPath();
  if (label === 0) context.arc(x, y, radius, 0, 2 * Math.PI);
  else for (const [across, down] of [[0, -1], [0.9, 0.6], [-0.9, 0.6]]) context.lineTo(x + across * r, y + down * r);
  context.closePath();
}

/// The names of the axes and a few numbers, in the units of the table.
function drawAxes(svg, { plane, window }, width) {
  const parts = plane.axes.flatMap(({ name, shift, scale }, axis) => {
    const [low, high] = [window.x, window.y][axis].map(value => shift + scale * value);
    return (name ? niceTicks(low, high, 5) : []).flatMap(tick => {
      const at = width * (axis ? high - tick : tick - low) / (high - low);
      if (at < 12 || at > width - 12) return [];
      const text = plain(tick, 4);
      return axis ? [svgPath('tick', `M${width} ${at}h4`), svgText(width + 8, at + 4, 'start', text)] : [svgPath('tick', `M${at} ${width}v4`), svgText(at, width + 16, 'middle', text)];
    });
  });
  svg.replaceChildren(...parts, svgText(width, width + 31, 'end', plane.axes.map(({ name }, axis) => name && `${'→↑'[axis]} ${name}`).join('\u2003')));
}

function readAt(view, place) {
  const [x, y] = view.plane.axes.map(({ shift, scale }, axis) => significant(shift + scale * place[axis], 3));
  return `at (${x}, ${y}): ${significant(sigmoid(logitOf(view.folded)(place, 0)), 3)}`;
}

/// The sample that is nearest to a place of the picture, in pixels.
function nearestSample(view, x, y, width) {
  return largest(view.run.samples.count, 1, i => {
    const [across, down] = placeOf(view, i, width);
    return -Math.hypot(across - x, down - y);
  })[0];
}
