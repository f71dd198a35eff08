// Weights that are edited at the slider's update: training goes on from there.

import { find, make, on, setText } from './dom.js';
import { parameterNames } from './network.js';
import { grouped } from './numbers.js';

/// `root` has the choice of a parameter, its number, and the buttons. `page` gives { state(), change(state, update), screen,
/// isOfLesson(fork) }.
export function createFork(root, page) {
  const [choice, number, apply, zero, equal, undo, told] = find(root, ...['parameter', 'value', 'apply', 'zero', 'equal', 'undo'].map(name => `[name=${name}]`), '.forked');
  let [names, typed, wrong] = ['', false, ''];

  const index = () => Math.max(0, choice.selectedIndex);
  const fork = change => {
    const { network, update } = page.screen.view();
    const { fork: before } = page.state();
    // The edit before at this update may not have been trained yet.
    const goesOn = before?.update === update && before.parameters.length === network.values.length;
    const parameters = goesOn ? [...before.parameters] : [...network.values];
    change(parameters, network);
    [typed, wrong] = [false, ''];
    page.change({ ...page.state(), fork: { update, parameters } }, update);
  };
  const setNumber = () => {
    const text = number.value.trim();
    const value = Number(text.replace('−', '-'));
    if (text !== '' && Number.isFinite(value)) return fork(parameters => { parameters[index()] = value; });
    number.setAttribute('aria-invalid', 'true');
    wrong = `${text === '' ? 'The field is empty' : `“${text}” is not a finite number`}. Type one, such as −0.5.`;
    return render(page.screen.view());
  };
  on(choice, 'input', () => { [typed, wrong] = [false, '']; render(page.screen.view()); });
  on(number, 'input', () => {
    [typed, wrong] = [true, ''];
    render(page.screen.view());
  });
  on(number, 'keydown', ({ key }) => { if (key === 'Enter') setNumber(); });
  on(apply, 'click', setNumber);
  on(zero, 'click', () => fork(parameters => parameters.fill(0)));
  on(equal, 'click', () => fork((parameters, network) => parameters.forEach((_, p) => { parameters[p] = parameters[firstUnit(p, network)]; })));
  on(undo, 'click', () => {
    const { fork: undone } = page.state();
    // A second click of a double click finds it undone.
    if (undone) page.change({ ...page.state(), fork: null }, undone.update);
  });
  // A row of the table below chooses its parameter.
  on(root.parentElement, 'click', ({ target }) => {
    const row = target.closest('tr[data-symbol]');
    if (!row) return;
    choice.value = row.dataset.symbol;
    [typed, wrong] = [false, ''];
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
    if (!wrong) number.removeAttribute('aria-invalid');
    setText(told, wrong || (forked ? sentenceOf(forked) : ''));
  }

  const sentenceOf = forked => (page.isOfLesson(forked)
    ? 'This lesson begins with weights of its own, so no command trains this run.'
    : `The weights were edited at update ${grouped(forked.update)}. Training went on from there, so this is no longer what the command line gives.`);

  return { render };
}

/// The parameter of unit 0 that corresponds to this one: all units become equal to it.
function firstUnit(p, { inputs: d, hidden: h }) {
  return p >= (d + 2) * h ? p : p - (p % h);
}
