// The gradient at the slider's update three times: by the hand-written formulas, by Burn's autodiff, and by central differences. The
// server computes all three, as `petal gradcheck` does.

import { find, make, on, setText } from './dom.js';
import { grouped, significant } from './numbers.js';

const COLUMNS = [['manual', 'by hand'], ['autodiff', 'autodiff'], ['numeric', 'differences']];
const nameOf = method => COLUMNS.find(([key]) => key === method)?.[1] ?? method;

/// The sentences about an answer of the server. With weight decay, its cost is not the one that the page shows elsewhere.
export function gradientSentences({ agree, update, loss, parameters, rows, comparisons, sentences }, decay = 0) {
  const differences = comparisons.filter(({ worst }) => worst).map(({ tested, reference, tolerance, worst }) =>
    `${nameOf(tested)} and ${nameOf(reference)}: the largest relative difference is ${significant(worst.relative, 2)}, at ${worst.element}; at most ${significant(tolerance, 1)} is accepted.`);
  return [
    `After update ${grouped(update)}, the cost${decay > 0 ? ' with the weight decay’s penalty' : ''} is ${significant(loss, 6)}. The three gradients ${agree ? 'agree' : 'do not agree'}.`,
    ...differences.map(text => text[0].toUpperCase() + text.slice(1)),
    ...(rows.length < parameters ? [`The table has the ${rows.length} largest derivatives of ${grouped(parameters)}.`] : []),
    ...sentences.map(sentence => `Note: ${sentence}`),
  ];
}

/// `root` has a button, a list of sentences and a table. `page` gives { state(), client(), screen, fail }.
export function createGradients(root, page) {
  const [button, list, table, body, foot] = find(root, 'button', 'ul', '.scroll', 'tbody', 'tfoot tr');
  let shown = null;
  const sameAs = ({ run, update }) => shown?.run === run && shown?.update === update;
  const number = value => (value === null ? 'along directions' : significant(value, 12));

  on(button, 'click', async () => {
    const view = page.screen.view();
    if (!view) return;
    const { run, update, network } = view;
    shown = { run, update };
    say(['The server computes the gradients.']);
    try {
      const answer = await page.client().gradients(page.state(), update, [...network.values]);
      if (sameAs(page.screen.view())) show(answer, run.training.weight_decay);
    } catch (error) {
      say([]);
      page.fail(error);
    }
  });

  function say(sentences) {
    table.hidden = true;
    list.replaceChildren(...sentences.map(sentence => make('li', {}, sentence)));
  }

  function show(answer, decay) {
    say(gradientSentences(answer, decay));
    const cells = values => COLUMNS.map(([key]) => make('td', {}, number(values[key])));
    body.replaceChildren(...answer.rows.map(row => make('tr', { 'data-symbol': row.name }, make('th', { scope: 'row' }, row.name), ...cells(row))));
    foot.replaceChildren(make('th', { scope: 'row' }, 'length'), ...cells(answer.lengths));
    table.hidden = false;
  }

  return {
    /// What was shown belongs to one update of one training.
    render(view) {
      setText(button, `compare the gradients after update ${grouped(view.update)}`);
      if (!shown || sameAs(view)) return;
      shown = null;
      say([]);
    },
  };
}
