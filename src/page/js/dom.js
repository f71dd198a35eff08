// Small helpers for elements. Text only enters through text nodes, so that no name from a table can become markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  setAttributes(node, attributes);
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function makeSvg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/// Sets attributes; false, null and undefined remove them.
export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

/// Sets a text, if it has changed.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/// A canvas of this size in CSS pixels, with as many real pixels as the screen has. Returns whether it was changed.
export function sizeCanvas(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width === w && canvas.height === h) return false;
  canvas.width = w;
  canvas.height = h;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  return true;
}

/// A colour of the page's style sheet, by the name of its property.
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
