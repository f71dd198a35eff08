// The words and tables of a page, which Rust writes: here enough of them to see and test the page.

import { arraysOf, accuracy, cost, logits, parameterCount } from '../../src/page/js/network.js';
import { grouped, percent, plain, significant } from '../../src/page/js/numbers.js';
import { readRun } from '../../src/page/js/run.js';
import { createTrajectory } from '../../src/page/js/training.js';

const PIXEL = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const WORDS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];

const escape = text => text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

export function wordsFor(name, json, still = () => null) {
  const run = readRun(json);
  const { hidden: h, inputs: d, activation } = run.network;
  const network = createTrajectory(run).networkAfter(run.training.kept_update);
  const { training } = run;
  const parts = run.samples.parts.filter(part => part.y.length);
  const scoreRow = part => {
    const z2 = logits(network, part.x);
    return `<tr><th scope="row">${part.name}</th><td>${grouped(part.y.length)}</td><td>${significant(cost(z2, part.y))}</td><td>${percent(accuracy(z2, part.y, run.threshold))}</td></tr>`;
  };
  const last = parts.at(-1);
  const right = percent(accuracy(logits(network, last.x), last.y, run.threshold));
  const ones = run.samples.y.reduce((a, b) => a + b, 0);
  const share = ones / run.samples.count;
  const samples = `${grouped(run.samples.total)} sample${run.samples.total === 1 ? '' : 's'}`;
  const rowsOf = run.inputs.map(({ name: input, shift, scale }) => `<tr><th scope="row">${escape(input)}</th><td>${plain(shift)}</td><td>${plain(scale)}</td></tr>`).join('');
  const commands = [`petal train runs/${name}/config.toml`, `petal verify runs/${name}`, `petal explain runs/${name}/config.toml --update ${training.kept_update} --sample 0`];
  const pictures = ['boundary', 'cost', 'hidden'].map(picture => [picture, still(picture)]).filter(([picture, data], i) => data || i < 1);

  return {
    version: '0.1.0',
    title: `${WORDS[h] ?? h} ${activation} unit${h === 1 ? '' : 's'} learn ${name.replace('_', ' ')}`,
    sentences: `${samples} of two classes; a network of ${d} inputs, ${h} ${activation} units and one sigmoid output, ${parameterCount(d, h)} parameters; ${grouped(training.updates)} updates at learning rate ${plain(training.learning_rate)}. It ends with <strong>${right}</strong> of the ${last.name === 'train' ? 'training' : last.name} samples right.`,
    stills: pictures.map(([picture, data]) => `<figure><img src="${data ?? PIXEL}" alt="${picture}"></figure>`).join('\n'),
    divergence: run.divergence && `<p>The cost rose above <code>train.cost_limit</code>. The parameters after update ${training.kept_update} are kept.</p><p>The learning rate is too large for this curvature.</p>`,
    divergence_title: run.divergence && `Training diverged at update ${run.divergence.update}`,
    scores: `<div class="scroll" tabindex="0" role="region" aria-label="Scores"><table><thead><tr><th scope="col">samples</th><th scope="col">count</th><th scope="col">cost</th><th scope="col">accuracy</th></tr></thead><tbody>${parts.map(scoreRow).join('')}</tbody></table></div>`,
    decisions: parts.length > 1,
    data: `<p class="lead">${samples}: ${grouped(run.samples.count - ones)} of ${escape(run.classes[0])}, ${grouped(ones)} of ${escape(run.classes[1])}. Findings: none.</p>
<svg class="balance" width="100%" height="14" role="img" aria-label="class balance"><rect class="zero" width="${(100 - 100 * share).toFixed(2)}%" height="14"/><rect class="one" x="${(100 - 100 * share).toFixed(2)}%" width="${(100 * share).toFixed(2)}%" height="14"/></svg>
<div class="scroll" tabindex="0" role="region" aria-label="Columns"><table><thead><tr><th scope="col">input</th><th scope="col">minus</th><th scope="col">divided by</th></tr></thead><tbody>${rowsOf}</tbody></table></div>`,
    again: `<pre tabindex="0">${commands.join('\n')}</pre><p>Downloads: <a download="config.toml" href="data:text/plain,">config.toml</a></p>`,
    b2: arraysOf(network).b2[0],
  };
}
