// Linking: a symbol under the pointer or with the focus lights up everywhere on the page: in formulas, in tables, in the diagram.

import { find, on, setText } from './dom.js';
import { parameterNames } from './network.js';
import { significant } from './numbers.js';

/// `view()` of the page gives what the page shows now. Returns { refresh() }, to be called when elements were replaced.
export function createLinking(root, { run, view }) {
  const [tip] = find(document, '.tip');
  const names = parameterNames(run.network);
  let symbol;

  /// Lights up the symbol of an element; over an edge its number appears beside the pointer.
  function light({ target }) {
    const next = target.closest('[data-symbol]')?.dataset.symbol;
    const { network, step } = view();
    const p = names.indexOf(next);
    tip.hidden = !target.closest('.edges');
    if (!tip.hidden) setText(tip, `${next} = ${significant(network.values[p])}${step ? `, next step ${significant(-step[p], 3)}` : ''}`);
    if (next === symbol) return;
    symbol = next;
    refresh();
  }

  function refresh() {
    for (const element of root.querySelectorAll('.lit')) element.classList.remove('lit');
    if (symbol) for (const element of root.querySelectorAll(`[data-symbol="${symbol}"]`)) element.classList.add('lit');
  }

  on(root, 'pointerover focusin', light);
  on(root, 'pointermove', ({ clientX, clientY }) => {
    // Its width would be computed at every move.
    if (tip.hidden) return;
    tip.style.left = `${Math.min(clientX + 14, window.innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${clientY + 16}px`;
  });
  on(root, 'pointerleave', () => light({ target: root }));
  return { refresh };
}
