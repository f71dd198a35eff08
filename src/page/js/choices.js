// The choice of the plane and of the samples that the picture shows, where runs follow each other in one page.

import { find, make } from './dom.js';

/// Fills the choices for the run that has just come.
export function fillChoices(root, { inputs, slices, samples }) {
  const [plane, right, up, part] = find(root, ...['plane', 'right', 'up', 'part'].map(name => `[name=${name}]`));
  const option = (value, text) => make('option', { value }, text);
  const fill = (select, ...options) => {
    const before = select.value;
    select.replaceChildren(...options);
    if ([...select.options].some(({ value }) => value === before)) select.value = before;
  };
  fill(plane, ...slices.map(({ name }, i) => option(i, name)), option(slices.length, 'two inputs, the others at their means'));
  const names = inputs.map(({ name }, i) => option(i, name));
  fill(right, ...names.map(name => name.cloneNode(true)));
  fill(up, ...names);
  if (inputs.length > 1 && right.value === up.value) up.value = right.value === '1' ? '0' : '1';
  fill(part, option(-1, 'all'), ...samples.parts.flatMap(({ name, y }, i) => (y.length ? [option(i, `${name} (${y.length})`)] : [])));
  plane.hidden = inputs.length <= 2;
  right.hidden = up.hidden = plane.hidden || Number(plane.value) !== slices.length;
  part.parentElement.hidden = samples.parts[0].y.length === samples.count;
}
