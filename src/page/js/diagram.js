// The network as a diagram: inputs, hidden units with their votes over the plane, output. It runs from left to right into the
// picture, which shows its output for every point.
//
// A colour always means a class. The map of a unit shows its vote, a1 w2, which is its part of the logit. An edge has the
// colour of the class towards which the output moves when the value at its left end grows: the sign of w2 for the second
// layer, that of w1 w2 for the first, since no activation ever falls. An edge's width is the size of its weight.
//
// Beside each number an arrow shows its next step, upwards for a growing number.

import { make, makeSvg, setAttributes, setText, sizeCanvas } from './dom.js';
import { paintField, voteField } from './field.js';
import { arraysOf, parameterCount } from './network.js';
import { fixed, significant } from './numbers.js';

const MANY = 8;
const MAX_INPUTS = 30;
const ARROW = 18;

export function createDiagram(root, run, trajectory, actions) {
  const { network: { inputs: d, hidden: h }, training } = run;
  const scale = largestWeights(run);
  const kept = arraysOf(trajectory.networkAfter(training.kept_update));
  const shownInputs = largestInputs(kept, d, h);
  const svg = makeSvg('svg', { role: 'group', 'aria-label': 'The network' });
  const box = make('div', { class: 'stage' }, svg);
  const caption = make('p', { class: 'caption' });
  root.append(box, caption);
  let layout = null;
  let parts = null;

  function render(view) {
    const width = root.clientWidth;
    const many = width < 480 ? 4 : MANY;
    const units = view.state.allUnits || h <= many ? range(h) : largestUnits(kept.w2, many);
    const next = layOut(width, view.pictureSize, shownInputs.length, units);
    if (JSON.stringify(next) !== JSON.stringify(layout)) {
      layout = next;
      parts = buildDiagram(box, svg, layout, run, shownInputs, actions);
    }
    updateDiagram(parts, layout, view, scale, shownInputs, run);
    setCaption(caption, view, units.length, h, shownInputs.length, d, many, actions);
  }

  return { render };
}

function range(count) {
  return Array.from({ length: count }, (_, i) => i);
}

/// The units with the largest |w2| of the kept parameters, in their own order. Choosing them anew at each update would make
/// them jump.
export function largestUnits(w2, count) {
  return range(w2.length).sort((a, b) => Math.abs(w2[b]) - Math.abs(w2[a])).slice(0, count).sort((a, b) => a - b);
}

/// The inputs with the largest sum of |w1 w2|.
function largestInputs({ w1, w2 }, d, h) {
  const weight = j => range(h).reduce((sum, k) => sum + Math.abs(w1[j * h + k] * w2[k]), 0);
  return range(d).map(j => [j, weight(j)]).sort((a, b) => b[1] - a[1]).slice(0, MAX_INPUTS).map(pair => pair[0]).sort((a, b) => a - b);
}

/// The largest |w1| and |w2| over all frames, so that widths can be compared over time.
function largestWeights({ frames, network: { inputs, hidden } }) {
  const size = parameterCount(inputs, hidden);
  const largest = [1e-12, 1e-12];
  for (let i = 0; i < frames.parameters.length; i++) {
    const at = i % size;
    const layer = at < inputs * hidden ? 0 : at >= (inputs + 1) * hidden && at < size - 1 ? 1 : -1;
    const value = Math.abs(frames.parameters[i]);
    if (layer >= 0 && value > largest[layer] && Number.isFinite(value)) largest[layer] = value;
  }
  return largest;
}

/// Where everything is, in pixels. With at most three inputs each weight stands beside its edge; with more, the weights of the
/// chosen unit stand beside the inputs.
function layOut(width, height, inputs, units) {
  const n = units.length;
  const small = width < 480;
  const few = inputs <= 3;
  const gap = n > 8 ? 10 : 14;
  const total = Math.max(height, n * (few ? 15 * inputs + 23 : 50), few ? 0 : inputs * 17);
  const side = Math.round(Math.min(small ? 66 : 104, total / n - gap));
  const inputX = few ? (small ? 50 : 76) : Math.min(230, Math.round(width * 0.36));
  const outputX = width - (small ? 26 : 54);
  const mapX = few
    ? Math.round(inputX + (outputX - inputX) * (small ? 0.40 : 0.46) - side / 2 + (small ? 16 : 24))
    : Math.round(inputX + (outputX - inputX) * 0.5 - side / 2);
  const rows = Math.min(30, Math.max(14, Math.min(side, 96) / (inputs + 1)));
  return { width, height: total, few, small, units, side, inputX, outputX, mapX, rows, inputs };
}

function middleOf(index, count, height) {
  return ((index + 0.5) * height) / count;
}

function inputY({ inputs, few, height }, i) {
  const spread = few ? Math.min(height * 0.55, 180 * inputs) : height;
  return (height - spread) / 2 + middleOf(i, inputs, spread);
}

/// Builds the elements of a layout. Positions do not change until the next layout; `updateDiagram` sets numbers, widths, colours.
function buildDiagram(box, svg, layout, run, shownInputs, actions) {
  const { width, height, units, side, mapX, inputX, outputX, few, small, rows } = layout;
  const { inputs, network: { inputs: d, hidden: h } } = run;
  setAttributes(svg, { width, height, viewBox: `0 0 ${width} ${height}` });
  box.style.height = `${height}px`;
  box.querySelectorAll('button').forEach(button => button.remove());
  const edges = makeSvg('g', { class: 'edges' });
  const texts = makeSvg('g');
  const numbers = [];
  const edgeList = [];
  const bias = p => (d + 1) * h + h + p;

  const addEdge = (index, layer, symbol, unit, input, x0, y0, x1, y1) => {
    const bend = few ? 0 : (x1 - x0) * 0.4;
    const path = bend ? `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}` : `M${x0} ${y0}L${x1} ${y1}`;
    const line = makeSvg('path', { d: path, 'data-symbol': symbol });
    edges.append(makeSvg('path', { d: path, class: 'hit', 'data-symbol': symbol }), line);
    edgeList.push({ index, layer, unit, input, line });
  };
  const addNumber = (index, symbol, x, y, before = '') => {
    const text = makeSvg('text', { x, y: y + 4, 'text-anchor': 'end', 'data-symbol': symbol });
    const arrow = makeSvg('path', { class: 'arrow' });
    texts.append(text, arrow);
    numbers.push({ index, text, arrow, x: x + 9, y, before });
  };

  const inputValues = shownInputs.map((j, i) => {
    const y = inputY(layout, i);
    texts.append(makeSvg('circle', { class: 'node', cx: inputX, cy: y, r: few ? 4.5 : 3 }));
    const name = makeSvg('text', { x: inputX - (few ? 10 : 66), y: few ? y - 3 : y + 4, 'text-anchor': 'end', class: few ? 'name' : 'name small' }, shorten(inputs[j].name, few ? 9 : 24));
    name.append(makeSvg('title', {}, inputs[j].name));
    const value = makeSvg('text', { x: inputX - 10, y: y + 13, 'text-anchor': 'end', class: 'soft' });
    texts.append(name, value);
    return few ? value : null;
  });

  const maps = units.map((k, row) => {
    const middle = middleOf(row, units.length, height);
    const lines = layout.inputs + 1;
    const rowY = i => middle + (i - (lines - 1) / 2) * rows;
    shownInputs.forEach((j, i) => {
      const symbol = `w1[${j},${k}]`;
      const end = few ? mapX - (small ? 66 : 86) : mapX - 2;
      addEdge(j * h + k, 0, symbol, k, j, inputX + 6, inputY(layout, i), end, few ? rowY(i) : middle);
      if (few) addNumber(j * h + k, symbol, mapX - 20, rowY(i));
    });
    if (few) addNumber(d * h + k, `b1[${k}]`, mapX - 20, rowY(lines - 1), 'b ');
    const outStart = mapX + side + (small ? 66 : 82);
    addEdge((d + 1) * h + k, 1, `w2[${k},0]`, k, -1, outStart, middle, outputX - 17, height / 2);
    addNumber((d + 1) * h + k, `w2[${k},0]`, outStart - 18, middle);
    const activation = makeSvg('text', { x: mapX + side + 7, y: middle - Math.max(13, side / 2 - 9), class: 'soft', 'data-symbol': `a1[${k}]` });
    texts.append(activation);
    return { ...createMap(box, k, mapX, middle - side / 2, side, actions), activation, k };
  });

  // With many inputs the weights of the chosen unit stand beside the inputs.
  const chosen = few ? [] : shownInputs.map((j, i) => {
    const text = makeSvg('text', { x: inputX - 10, y: inputY(layout, i) + 4, 'text-anchor': 'end', class: 'small' });
    texts.append(text);
    return { text, j };
  });
  const output = makeSvg('g', {}, makeSvg('path', { class: 'into', d: `M${outputX + 16} ${height / 2}H${width}` }),
    makeSvg('circle', { class: 'output', cx: outputX, cy: height / 2, r: 16 }),
    makeSvg('text', { x: outputX, y: height / 2 + 5, 'text-anchor': 'middle' }, 'σ'));
  const a2 = makeSvg('text', { x: outputX, y: height / 2 - 27, 'text-anchor': 'middle', 'data-symbol': 'a2' });
  texts.append(output, a2);
  addNumber(bias(0), 'b2', outputX + (small ? 12 : 20), height / 2 + 32, 'b ');
  svg.replaceChildren(edges, texts);
  return { edgeList, numbers, maps, inputValues, a2, chosen };
}

/// A unit's map: a button, so that a unit can be chosen by keyboard.
function createMap(box, k, left, top, side, actions) {
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  const button = make('button', { type: 'button', class: 'unit' }, canvas);
  button.style.left = `${left}px`;
  button.style.top = `${top}px`;
  sizeCanvas(canvas, side, side);
  button.addEventListener('click', () => actions.chooseUnit(k));
  box.append(button);
  return { button, canvas, side };
}

function updateDiagram(parts, layout, view, scale, shownInputs, run) {
  const { network, sample, step, longest, state } = view;
  const { values, hidden: h } = network;
  const { w1, w2 } = arraysOf(network);

  for (const { index, layer, unit, input, line } of parts.edgeList) {
    const weight = values[index];
    const towards = layer ? weight : weight * w2[unit];
    const most = layout.few ? 7 : 4;
    setAttributes(line, {
      class: `${towards > 0 ? 'one' : towards < 0 ? 'zero' : 'none'}${!layout.few && input >= 0 && unit !== state.unit ? ' faint' : ''}`,
      'stroke-width': (0.6 + (most * Math.min(1, Math.abs(weight) / scale[layer]))).toFixed(2),
    });
  }
  for (const { index, text, arrow, x, y, before } of parts.numbers) {
    setText(text, before + weightText(values[index]));
    setAttributes(arrow, { d: step ? arrowPath(x, y, (-step[index] / longest) * ARROW) : '' });
  }
  for (const map of parts.maps) drawMap(map, view, w1, w2, run);
  parts.inputValues.forEach((node, i) => node && setText(node, sample ? significant(sample.x[shownInputs[i]], 3) : ''));
  for (const { text, j } of parts.chosen) setText(text, weightText(w1[j * h + state.unit]));
  setText(parts.a2, sample ? `a2 ${fixed(sample.a2, 3)}` : '');
}

function drawMap({ button, canvas, side, activation, k }, view, w1, w2, run) {
  const { folded, window, palette, sample, state, points, network } = view;
  const context = canvas.getContext('2d');
  context.setTransform(canvas.width / side, 0, 0, canvas.width / side, 0, 0);
  context.clearRect(0, 0, side, side);
  const cells = side > 70 ? 52 : 36;
  paintField(context, voteField(folded, k, window, cells), cells, palette, 0, 0, side, side);
  drawZeroLine(context, folded, window, k, side, palette.ink);
  if (state.sample >= 0) {
    const x = ((points[2 * state.sample] - window.x[0]) / (window.x[1] - window.x[0])) * side;
    const y = ((window.y[1] - points[2 * state.sample + 1]) / (window.y[1] - window.y[0])) * side;
    context.beginPath();
    context.arc(x, y, 2.5, 0, 2 * Math.PI);
    context.fillStyle = palette.ink;
    context.fill();
  }
  setText(activation, sample ? `a1 ${fixed(sample.a1[k], 2)}` : '');
  const weights = run.inputs.slice(0, 3).map(({ name }, j) => `${name} ${weightText(w1[j * network.hidden + k])}`).join(', ');
  setAttributes(button, {
    'aria-pressed': state.unit === k,
    'aria-label': `Unit ${k}: weights ${weights}${run.inputs.length > 3 ? ' and more' : ''}; to the output ${weightText(w2[k])}`,
  });
}

/// The line where a unit's z1 is zero.
function drawZeroLine(context, folded, { x, y }, k, side, ink) {
  const { w1, b1 } = arraysOf(folded);
  const [u, v, b] = [w1[k], w1[folded.hidden + k], b1[k]];
  const [dx, dy] = [x[1] - x[0], y[1] - y[0]];
  context.beginPath();
  if (Math.abs(v * dy) > Math.abs(u * dx)) {
    for (const across of [0, 1]) context.lineTo(across * side, ((y[1] + (u * (x[0] + dx * across) + b) / v) / dy) * side);
  } else if (u !== 0) {
    for (const down of [0, 1]) context.lineTo(((-(v * (y[1] - dy * down) + b) / u - x[0]) / dx) * side, down * side);
  }
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.stroke();
}

/// A weight with three digits: the width of its text hardly changes.
function weightText(value) {
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e4 ? fixed(value, size < 1 ? 3 : size < 100 ? 2 : 0) : significant(value, 2);
}

/// A vertical arrow of this length: upwards if it is positive, a dot if it is too short.
export function arrowPath(x, y, length) {
  if (!Number.isFinite(length) || Math.abs(length) < 1.2) return `M${x - 0.7} ${y}h1.4`;
  const end = (y - length / 2).toFixed(1);
  const head = Math.min(3.5, 1 + Math.abs(length) / 3) * Math.sign(length);
  return `M${x} ${(y + length / 2).toFixed(1)}V${end}m${-Math.abs(head)} ${head.toFixed(1)}L${x} ${end}l${Math.abs(head)} ${head.toFixed(1)}`;
}

function shorten(text, length) {
  const letters = [...text];
  return letters.length > length ? letters.slice(0, length - 1).join('') + '…' : text;
}

function setCaption(caption, view, shown, hidden, shownInputs, inputs, many, actions) {
  const { step, longest, stepName, state } = view;
  const parts = ['Each square is one unit’s vote, a1 w2; its line is where z1 is zero. An edge is as wide as its weight, and has the colour of the class to which the output moves when the value at its left grows.'];
  if (step) parts.push(`Arrows: ${stepName}, the longest is ${significant(longest, 3)}.`);
  if (inputs > shownInputs) parts.push(`The ${shownInputs} inputs of ${inputs} with the largest weights.`);
  if (hidden > many) parts.push(state.allUnits ? `All ${hidden} units.` : `The ${shown} units of ${hidden} with the largest w2.`);
  const text = parts.join(' ') + ' ';
  if (caption.firstChild?.data !== text) {
    const toggle = make('button', { type: 'button', class: 'link' }, state.allUnits ? `Show ${many}` : `Show all ${hidden}`);
    toggle.addEventListener('click', actions.toggleUnits);
    caption.replaceChildren(text, ...(hidden > many ? [toggle] : []));
  }
}
