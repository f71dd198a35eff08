// The choice of the plane and of the samples that the picture shows: for more than two inputs, and for data that are split.

import { make } from './dom.js';

export function createControls(root, run, actions) {
  const { inputs, slices, samples } = run;
  const controls = [];

  if (inputs.length > 2) {
    const kinds = [...slices.map(({ name }) => name), 'two inputs, the others at their means'];
    const kind = make('select', {}, ...kinds.map((name, i) => make('option', { value: i }, name)));
    const pair = [0, 1].map(axis => make('select', { 'aria-label': axis ? 'Upward input' : 'Rightward input' },
      ...inputs.map(({ name }, j) => make('option', { value: j }, name))));
    pair[1].value = 1;
    const apply = () => {
      const isPair = Number(kind.value) === slices.length;
      for (const select of pair) select.hidden = !isPair;
      actions.set({ plane: isPair ? { slice: 0, pair: pair.map(select => Number(select.value)) } : { slice: Number(kind.value), pair: null } });
    };
    for (const select of [kind, ...pair]) {
      select.addEventListener('input', apply);
      select.hidden = select !== kind && slices.length > 0;
    }
    controls.push(make('label', {}, 'plane', kind), ...pair);
  }

  const parts = samples.parts.filter(part => part.y.length > 0);
  if (parts.length > 1) {
    const choice = make('select', {}, make('option', { value: -1 }, 'all'), ...parts.map(part => make('option', { value: samples.parts.indexOf(part) }, part.name)));
    choice.addEventListener('input', () => actions.set({ part: Number(choice.value) }));
    controls.push(make('label', {}, 'samples', choice));
  }
  root.append(...controls);
  root.hidden = controls.length === 0;
}
