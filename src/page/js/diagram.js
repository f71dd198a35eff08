// The network as a diagram: inputs, hidden units with their votes over the plane, output. It runs from left to right into the
// picture, which shows its output for every point.
//
// A colour always means a class. The map of a unit shows its vote, a1 w2, which is its part of the logit. An edge has the
// colour of the class towards which the output moves when the value at its left end grows: the sign of w2 for the second
// layer, that of w1 w2 for the first, since no activation ever falls. An edge's width is the size of its weight.
//
// Beside each number an arrow shows its next step, upwards for a growing number.

import { find, make, makeSvg, on, setAttributes, setText, sizeCanvas, svgCircle, svgPath, svgText } from './dom.js';
import { logitField, paintField, unitOf } from './field.js';
import { arraysOf, parameterCount, parameterNames } from './network.js';
import { fixed, largest, significant } from './numbers.js';
import { drawLine, markPath, placeOf, zeroLine } from './picture.js';

const MAX_INPUTS = 30;
const INPUT_HEIGHT = 17;
const ARROW = 18;

/// The diagram that a root has. Its elements stay as long as they fit, also for another run: making canvases takes long.
const diagrams = new WeakMap();

export function createDiagram(root, { run, kept, actions }) {
  const { inputs: d, hidden: h } = run.network;
  const { w1, w2 } = arraysOf(kept);
  const scale = largestWeights(run);
  const [stage, svg, note, more] = find(root, '.stage', 'svg', '.note', '.link');
  // The units and inputs that are shown are chosen by the kept parameters: chosen anew at each update they would jump.
  let [key, layout, diagram] = ['', null, null];
  on(more, 'click', () => actions.set({ allUnits: more.ariaPressed !== 'true' }));

  function render(view, width) {
    const { allUnits } = view.state;
    const height = Math.max(340, view.pictureSize);
    const many = Math.min(width < 480 ? 4 : 8, Math.floor(height / unitHeight(d)));
    const nextKey = [width, height, allUnits].join();
    if (nextKey !== key) {
      const units = largest(h, allUnits ? h : many, k => Math.abs(w2[k]));
      const inputs = largest(d, Math.min(MAX_INPUTS, Math.floor(height / INPUT_HEIGHT)), j => w2.reduce((sum, w, k) => sum + Math.abs(w1[j * h + k] * w), 0));
      layout = layOut(width, height, inputs, units);
      diagram = diagramOf(root, JSON.stringify([layout, d, h, run.inputs.map(({ name }) => name)]), page => buildDiagram(stage, svg, layout, run, page));
      Object.assign(diagram.page, { scale, actions });
    }
    key = nextKey;
    for (const update of diagram.updates) update(view);
    more.ariaPressed = allUnits;
    more.hidden = h <= many;
    setText(more, allUnits ? 'show fewer units' : `show all ${h} units`);
    setText(note, [
      view.step && `Arrows: the step that follows from all training samples; ${view.longest === 0 ? 'every step is 0' : `the longest is ${significant(view.longest, 3)}`}.`,
      d > layout.inputs.length && `The ${layout.inputs.length} inputs of ${d} with the largest weights.`,
      h > layout.units.length && `The ${layout.units.length} units of ${h} with the largest w2:`,
    ].filter(Boolean).join(' '));
  }

  return { render };
}

/// The diagram that is there if it has this key, or a new one. `build(page)` returns its updates, which find in `page` what belongs to a run.
function diagramOf(root, key, build) {
  const before = diagrams.get(root);
  if (before?.key === key) return before;
  const page = {};
  const diagram = { key, page, updates: build(page) };
  diagrams.set(root, diagram);
  return diagram;
}

/// The largest |w1| and |w2| over all frames, so that widths can be compared over time.
function largestWeights({ frames: { parameters }, network }) {
  const size = parameterCount(network.inputs, network.hidden);
  const most = [1e-12, 1e-12];
  for (let at = 0; at < parameters.length; at += size) {
    const { w1, w2 } = arraysOf({ ...network, values: parameters.subarray(at, at + size) });
    [w1, w2].forEach((weights, layer) => { most[layer] = weights.reduce((top, weight) => Math.max(top, Math.abs(weight)), most[layer]); });
  }
  return most;
}

/// The least height of a unit: with few inputs, its numbers stand one above the other.
const unitHeight = inputs => inputs <= 3 ? 15 * inputs + 23 : 50;

/// Where everything is, in pixels. With at most three inputs each weight stands beside its edge; with more, the weights of the
/// chosen unit stand beside the inputs.
function layOut(width, space, inputs, units) {
  const [n, d] = [units.length, inputs.length];
  const small = width < 480;
  const few = d <= 3;
  const height = Math.max(space, n * unitHeight(d));
  const side = Math.round(Math.min(small ? (few ? 66 : 44) : 104, height / n - 12));
  const inputX = few ? (small ? 60 : 76) : Math.min(230, Math.round(width * (small ? 0.38 : 0.36)));
  const outputX = width - (small ? 26 : 54);
  const gap = small ? 74 : 90;
  const share = few ? (small ? 0.43 : 0.5) : small ? 0.38 : 0.5;
  const mapX = Math.round(inputX + (outputX - inputX) * share - side / 2);
  const rows = Math.min(30, Math.max(14, side / (d + 1)));
  // Inputs and output stand beside the picture, also where the units need more height than it has.
  const spread = few ? Math.min(space * 0.55, 180 * d) : space;
  const inputY = i => (space - spread) / 2 + ((i + 0.5) * spread) / d;
  return { width, height, space, small, few, side, gap, inputX, inputY, outputX, mapX, rows, inputs, units };
}

/// Builds the elements of a layout. They stay in place until the next one. Returns the functions that set their numbers, widths and
/// colours to those of a view. `page` has the scale of the weights and the actions.
function buildDiagram(stage, svg, layout, run, page) {
  const { width, height, space, small, few, side, gap, inputX, inputY, outputX, mapX, rows, inputs, units } = layout;
  const { inputs: d, hidden: h } = run.network;
  const names = parameterNames(run.network);
  const [edges, texts] = [makeSvg('g', { class: 'edges' }), makeSvg('g')];
  const updates = [];
  const addText = (x, y, anchor, attributes, content = '') => {
    const text = svgText(x, y, anchor, content, attributes);
    texts.append(text);
    return text;
  };
  /// The edge of the weight with index p.
  const addEdge = (p, x0, y0, x1, y1) => {
    const bend = few ? 0 : (x1 - x0) * 0.4;
    const line = svgPath('', `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`, { 'data-symbol': names[p] });
    const layer = p < d * h ? 0 : 1;
    const hit = line.cloneNode();
    hit.setAttribute('class', 'hit');
    edges.append(hit, line);
    updates.push(({ network: { values }, state: { unit } }) => {
      const towards = layer ? values[p] : values[p] * values[(d + 1) * h + (p % h)];
      const faint = few || layer || p % h === unit ? '' : ' faint';
      line.setAttribute('class', (towards > 0 ? 'one' : towards < 0 ? 'zero' : 'none') + faint);
      line.setAttribute('stroke-width', (0.6 + ((few ? 7 : 4) * Math.min(page.scale[layer], Math.abs(values[p]))) / page.scale[layer]).toFixed(2));
    });
  };
  /// The number with index p, and the arrow of its next step.
  const addNumber = (p, x, y, before = '', anchor = 'end', arrowX = x + 9) => {
    const arrow = svgPath('arrow', '');
    const text = addText(x, y + 4, anchor, { 'data-symbol': names[p] });
    texts.append(arrow);
    updates.push(({ network: { values }, step, longest }) => {
      setText(text, before + weightText(values[p]));
      setAttributes(arrow, { d: step ? arrowPath(arrowX, y, (-step[p] / longest) * ARROW) : '' });
    });
  };

  stage.style.height = `${height}px`;
  stage.querySelectorAll('button').forEach(button => button.remove());
  setAttributes(svg, { width, height });
  inputs.forEach((j, i) => {
    const y = inputY(i);
    const { name } = run.inputs[j];
    texts.append(svgCircle('node', inputX, y, few ? 4.5 : 3));
    addText(inputX - (few ? 10 : 66), y + (few ? -3 : 4), 'end', few ? {} : { class: 'small' }, shorten(name, few ? 9 : small ? 10 : 24)).append(makeSvg('title', {}, name));
    const value = addText(inputX - 10, y + (few ? 13 : 4), 'end', { class: few ? 'soft' : 'small' });
    updates.push(({ network, sample, state: { unit } }) => setText(value, few ? significant(sample.x[j], small ? 2 : 3) : weightText(network.values[j * h + unit])));
  });

  units.forEach((k, row) => {
    const middle = ((row + 0.5) * height) / units.length;
    const rowY = i => (few ? middle + (i - inputs.length / 2) * rows : middle);
    const out = mapX + side + gap;
    const w2 = (d + 1) * h + k;
    inputs.forEach((j, i) => {
      addEdge(j * h + k, inputX + 6, inputY(i), few ? mapX - (small ? 60 : 84) : mapX - 2, rowY(i));
      if (few) addNumber(j * h + k, mapX - 20, rowY(i));
    });
    if (few) addNumber(d * h + k, mapX - 20, rowY(inputs.length), 'b ');
    addEdge(w2, out, middle, outputX - 17, space / 2);
    // A long number must not reach the frame of the map with its minus sign.
    addNumber(w2, mapX + side + 10, middle, '', 'start', out - 9);
    const a1 = addText(mapX + side + 7, middle - Math.max(13, side / 2 - 9), 'start', { class: 'soft', 'data-symbol': `a1[${k}]` });
    const map = make('button', { type: 'button', class: 'unit' }, make('canvas', { 'aria-hidden': 'true' }));
    Object.assign(map.style, { left: `${mapX}px`, top: `${middle - side / 2}px` });
    on(map, 'click', () => page.actions.set({ unit: k }));
    stage.append(map);
    updates.push(view => {
      drawMap(map, view, k, side);
      setText(a1, `a1 ${fixed(view.sample.a1[k], 2)}`);
    });
  });

  texts.append(svgPath('into', `M${outputX + 16} ${space / 2}H${width}`), svgCircle('output', outputX, space / 2, 16));
  addText(outputX, space / 2 + 5, 'middle', {}, 'σ');
  const a2 = addText(outputX, space / 2 - 27, 'middle', { 'data-symbol': 'a2' });
  updates.push(({ sample }) => setText(a2, `a2 ${fixed(sample.a2, 3)}`));
  addNumber(names.length - 1, outputX + (small ? 12 : 20), space / 2 + 32, 'b ');
  svg.replaceChildren(edges, texts);
  return updates;
}

/// A unit's map: a button, so that a unit can be chosen by keyboard.
function drawMap(button, view, k, side) {
  const { folded, window, palette, state, network, run: { inputs } } = view;
  const { w1, w2 } = arraysOf(network);
  const context = sizeCanvas(button.firstChild, side, side);
  const cells = side > 70 ? 52 : 36;
  const unit = unitOf(folded, k);
  paintField(context, logitField(unit, window, cells), cells, palette, 0, 0, side, side);
  drawLine(context, zeroLine(unit, window), side, palette.ink, []);
  markPath(context, 0, ...placeOf(view, state.sample, side), 2.5);
  context.fillStyle = palette.ink;
  context.fill();
  const weights = inputs.slice(0, 3).map(({ name }, j) => `${name} ${weightText(w1[j * network.hidden + k])}`);
  setAttributes(button, { 'aria-pressed': state.unit === k, 'aria-label': `Unit ${k}: weights ${weights.join(', ')}; to the output ${weightText(w2[k])}` });
}

/// A weight with three digits: the width of its text hardly changes.
function weightText(value) {
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e4 ? fixed(value, size < 1 ? 3 : size < 100 ? 2 : 0) : significant(value, 2);
}

/// A vertical arrow of this length: upwards if it is positive, a dot if it is too short.
export function arrowPath(x, y, length) {
  if (!(Math.abs(length) >= 1.2)) return `M${x - 0.7} ${y}h1.4`;
  const end = (y - length / 2).toFixed(1);
  const head = Math.min(3.5, 1 + Math.abs(length) / 3);
  const down = head * Math.sign(length);
  return `M${x} ${y + length / 2}V${end}m${-head} ${down}L${x} ${end}l${head} ${down}`;
}

function shorten(text, length) {
  const letters = [...text];
  return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : text;
}
