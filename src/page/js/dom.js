// Small helpers for elements. Text only enters through text nodes, so that no name from a table can become markup.

const SVG = 'http://www.w3.org/2000/svg';

function build(node, attributes, children) {
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

export const make = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);

export const makeSvg = (tag, attributes = {}, ...children) => build(document.createElementNS(SVG, tag), attributes, children);

export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export const svgText = (x, y, anchor, text, attributes) => makeSvg('text', { x, y, 'text-anchor': anchor, ...attributes }, text);

export const svgPath = (name, d, attributes) => makeSvg('path', { class: name, d, ...attributes });

export const svgCircle = (name, cx, cy, r, ...children) => makeSvg('circle', { class: name, cx, cy, r }, ...children);

/// Sets a text, if it has changed.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/// The first element in `root` for each selector.
export const find = (root, ...selectors) => selectors.map(selector => root.querySelector(selector));

/// The controls in `root` with these names, or null for those that the page does not have.
export const fields = (root, ...names) => find(root, ...names.map(name => `[name=${name}]`));

/// Its `signal` ends what listens since it was set, for a page whose parts are replaced.
export const listening = {};

/// Acts on each of these events: on(element, 'click input', act).
export function on(element, types, act) {
  for (const type of types.split(' ')) element.addEventListener(type, act, listening);
}

/// Gives a canvas this size in CSS pixels, with as many real pixels as the screen has, and clears it. Returns its context, which
/// draws in CSS pixels.
export function sizeCanvas(canvas, width, height) {
  const ratio = Math.min(devicePixelRatio || 1, 3);
  const [w, h] = [width, height].map(size => Math.round(size * ratio));
  if (canvas.width !== w || canvas.height !== h) {
    Object.assign(canvas, { width: w, height: h });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  const context = canvas.getContext('2d');
  context.setTransform(w / width, 0, 0, h / height, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/// For a field that the page sets, and that people type in: returns a function that sets it, but not while somebody types. What is no
/// number, such as an empty field, is NaN.
export function bindField(input, act) {
  let typing = false;
  on(input, 'input change', ({ type }) => {
    typing = type === 'input';
    if (!typing) act(input.value.trim() === '' ? NaN : Number(input.value.replace(/,/g, '')));
  });
  return value => { if (!typing) input.value = value; };
}
