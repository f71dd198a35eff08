// The choice of the plane and of the samples that the picture shows: for more than two inputs, and for data that are split.

import { fields, on } from './dom.js';

/// `root` has the selects, as far as the run needs them: plane (the last choice is "two inputs"), right and up, part.
export function createControls(root, { run: { slices }, actions }) {
  const [plane, right, up, part] = fields(root, 'plane', 'right', 'up', 'part');
  on(root, 'input', () => {
    const slice = Number(plane?.value);
    const isPair = slice === slices.length;
    if (plane) right.hidden = up.hidden = !isPair;
    actions.set({ part: Number(part?.value ?? -1), plane: { slice, pair: isPair ? [right, up].map(({ value }) => Number(value)) : null } });
  });
}
