// The choice of the plane and of the samples that the picture shows: for more than two inputs, and for data that are split.

/// `root` has the selects, as far as the run needs them: plane (the last choice is "two inputs"), right and up, part.
export function createControls(root, { slices }, actions) {
  const [plane, right, up, part] = ['plane', 'right', 'up', 'part'].map(name => root.querySelector(`[name=${name}]`));
  part?.addEventListener('input', () => actions.set({ part: Number(part.value) }));

  const apply = () => {
    const isPair = Number(plane.value) === slices.length;
    right.hidden = up.hidden = !isPair;
    actions.set({ plane: { slice: Number(plane.value), pair: isPair ? [Number(right.value), Number(up.value)] : null } });
  };
  for (const select of plane ? [plane, right, up] : []) select.addEventListener('input', apply);
}
