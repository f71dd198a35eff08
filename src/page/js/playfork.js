// Weights that are edited at the slider's update: training goes on from there.

import { find, make, on, setText } from './dom.js';
import { parameterNames } from './network.js';
import { grouped } from './numbers.js';

/// `root` has the choice of a parameter, its number, and the buttons. `page` gives { state(), change(state), screen, isOfLesson(fork) }.
export function createFork(root, page) {
  const [choice, number, apply, zero, equal, undo, told] = find(root, ...['parameter', 'value', 'apply', 'zero', 'equal', 'undo'].map(name => `[name=${name}]`), '.forked');
  let [names, typed] = ['', false];

  const index = () => Math.max(0, choice.selectedIndex);
  const fork = change => {
    const { network, update } = page.screen.view();
    const parameters = [...network.values];
    change(parameters, network);
    typed = false;
    page.change({ ...page.state(), fork: { update, parameters } });
  };
  const setNumber = () => {
    const value = Number(number.value.replace('−', '-'));
    if (number.value.trim() === '' || !Number.isFinite(value)) number.setAttribute('aria-invalid', 'true');
    else fork(parameters => { parameters[index()] = value; });
  };
  on(choice, 'input', () => { typed = false; render(page.screen.view()); });
  on(number, 'input', () => { typed = true; number.removeAttribute('aria-invalid'); });
  on(number, 'keydown', ({ key }) => { if (key === 'Enter') setNumber(); });
  on(apply, 'click', setNumber);
  on(zero, 'click', () => fork(parameters => parameters.fill(0)));
  on(equal, 'click', () => fork((parameters, network) => parameters.forEach((_, p) => { parameters[p] = parameters[firstUnit(p, network)]; })));
  on(undo, 'click', () => page.change({ ...page.state(), fork: null }));
  // A row of the table below chooses its parameter.
  on(root.parentElement, 'click', ({ target }) => {
    const row = target.closest('tr[data-symbol]');
    if (!row) return;
    choice.value = row.dataset.symbol;
    typed = false;
    render(page.screen.view());
    number.select();
  });

  function render(view) {
    const { network } = view;
    const list = parameterNames(network);
    if (names !== String(list)) {
      const before = choice.value;
      choice.replaceChildren(...list.map(name => make('option', { value: name }, name)));
      if (list.includes(before)) choice.value = before;
      names = String(list);
    }
    if (!typed) number.value = Number(network.values[index()].toPrecision(6));
    const { fork: forked } = page.state();
    undo.hidden = !forked;
    setText(told, forked && page.isOfLesson(forked) ? 'This lesson begins with weights of its own, so no command trains this run.' : forked ? `The weights were edited at update ${grouped(forked.update)}. Training went on from there, so this is no longer what the command line gives.` : '');
  }

  return { render };
}

/// The parameter of unit 0 that corresponds to this one: all units become equal to it.
function firstUnit(p, { inputs: d, hidden: h }) {
  return p >= (d + 2) * h ? p : p - (p % h);
}
