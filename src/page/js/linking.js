// Linking: a symbol under the pointer or with the focus lights up everywhere on the page: in formulas, in tables, in the diagram.

import { make, setText } from './dom.js';
import { parameterNames } from './network.js';
import { significant } from './numbers.js';

/// `view()` gives what the page shows now. Returns { refresh() }, to be called when elements were replaced.
export function createLinking(root, run, view) {
  const tip = make('div', { class: 'tip', role: 'status', hidden: '' });
  const index = new Map(parameterNames(run.network).map((name, p) => [name.replace('b2[0]', 'b2'), p]));
  let symbol = null;
  document.body.append(tip);

  const symbolOf = target => target?.closest?.('[data-symbol]')?.dataset.symbol ?? null;

  function light(next) {
    if (next === symbol) return;
    symbol = next;
    refresh();
  }

  function refresh() {
    for (const element of root.querySelectorAll('.lit')) element.classList.remove('lit');
    if (symbol === null) return;
    for (const element of root.querySelectorAll(`[data-symbol="${CSS.escape(symbol)}"]`)) element.classList.add('lit');
  }

  function describeSymbol(name) {
    const { network, step } = view();
    const p = index.get(name);
    if (p === undefined) return '';
    return `${name} = ${significant(network.values[p])}${step ? `, next step ${significant(-step[p], 3)}` : ''}`;
  }

  root.addEventListener('pointerover', event => {
    light(symbolOf(event.target));
    const text = event.target.closest('.edges') && symbol ? describeSymbol(symbol) : '';
    tip.hidden = text === '';
    setText(tip, text);
  });
  root.addEventListener('pointermove', event => {
    if (tip.hidden) return;
    tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${event.clientY + 16}px`;
  });
  root.addEventListener('pointerleave', () => { light(null); tip.hidden = true; });
  root.addEventListener('focusin', event => light(symbolOf(event.target)));
  return { refresh };
}
