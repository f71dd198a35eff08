// The words and tables of a page, which Rust writes: here enough of them to see and test the page.

import { arraysOf, accuracy, cost, logits, parameterCount } from '../../src/page/js/network.js';
import { grouped, percent, plain, significant } from '../../src/page/js/numbers.js';
import { readRun } from '../../src/page/js/run.js';
import { readSweep } from '../../src/page/js/sweep.js';
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
  const total = json.samples.totals.reduce((a, b) => a + b);
  const samples = `${grouped(total)} sample${total === 1 ? '' : 's'}`;
  const rowsOf = run.inputs.map(({ name: input, shift, scale }) => `<tr><th scope="row">${escape(input)}</th><td>${plain(shift)}</td><td>${plain(scale)}</td></tr>`).join('');
  const commands = [`petal train runs/${name}/config.toml`, `petal verify runs/${name}`, `petal explain runs/${name}/config.toml --update ${training.kept_update} --sample 0`];
  const pictures = ['boundary', 'cost', 'hidden'].map(picture => [picture, still(picture)]).filter(([picture, data], i) => data || i < 1);

  const options = chosen => run.inputs.map(({ name: input }, j) => `<option value="${j}"${j === chosen ? ' selected' : ''}>${escape(input)}</option>`).join('');

  return {
    version: '0.1.0',
    title: `${WORDS[h] ?? h} ${activation} unit${h === 1 ? '' : 's'} learn ${name.replace('_', ' ')}`,
    sentences: `${samples} of two classes; a network of ${d} inputs, ${h} ${activation} units and one sigmoid output, ${parameterCount(d, h)} parameters; ${grouped(training.updates)} updates at learning rate ${plain(training.learning_rate)}. It ends with <strong>${right}</strong> of the ${last.name} samples right.`,
    stills: pictures.map(([picture, data]) => `<figure><img src="${data ?? PIXEL}" alt="${picture}"></figure>`).join('\n'),
    divergence: run.divergence && `<p>The cost rose above <code>train.cost_limit</code>. The parameters after update ${training.kept_update} are kept.</p><p>The learning rate is too large for this curvature.</p>`,
    divergence_title: run.divergence && `Training diverged at update ${run.divergence.update}`,
    scores: `<div class="scroll" tabindex="0" role="region" aria-label="Scores"><table><thead><tr><th scope="col">samples</th><th scope="col">count</th><th scope="col">cost</th><th scope="col">accuracy</th></tr></thead><tbody>${parts.map(scoreRow).join('')}</tbody></table></div>`,
    decisions: parts.length > 1,
    complete: run.train.complete,
    sliced: d > 2,
    subset: run.train.complete ? '' : 'This page holds some of the samples, chosen at random.',
    class_zero: run.classes[0],
    class_one: run.classes[1],
    planes: d > 2 && [...run.slices.map(slice => slice.name), 'two inputs, the others at their means'].map((plane, i) => `<option value="${i}">${escape(plane)}</option>`).join(''),
    inputs: options(0),
    inputs_up: options(1),
    parts: parts.map(part => partOption(run, part, false)).join(''),
    held_out: parts.slice(1).map(part => partOption(run, part, part === last)).join(''),
    standardised: run.inputs.some(({ scale }) => scale !== 1) ? ' x is standardised.' : '',
    step: stepSentence(run),
    data: `<p class="lead">${samples}: ${grouped(run.samples.count - ones)} of ${escape(run.classes[0])}, ${grouped(ones)} of ${escape(run.classes[1])}. Findings: none.</p>
<svg class="balance" width="100%" height="8" role="img" aria-label="class balance"><rect class="zero" width="${(100 - 100 * share).toFixed(2)}%" height="8"/><rect class="one" x="${(100 - 100 * share).toFixed(2)}%" width="${(100 * share).toFixed(2)}%" height="8"/></svg>
<div class="scroll" tabindex="0" role="region" aria-label="Columns"><table><thead><tr><th scope="col">input</th><th scope="col">minus</th><th scope="col">divided by</th></tr></thead><tbody>${rowsOf}</tbody></table></div>`,
    again: `<pre tabindex="0">${commands.join('\n')}</pre><p>Downloads: <a download="config.toml" href="data:text/plain,">config.toml</a></p>`,
    b2: arraysOf(network).b2[0],
  };
}

function partOption({ samples }, part, selected) {
  return `<option value="${samples.parts.indexOf(part)}"${selected ? ' selected' : ''}>${part.name} (${grouped(part.y.length)})</option>`;
}

/// How an update follows from the derivatives.
function stepSentence({ training, train }) {
  const all = `Each derivative is the sum of the parts of all ${grouped(train.total)} training samples`;
  if (!train.complete) return `The page holds ${grouped(train.y.length)} of ${grouped(train.total)} training samples, so that it cannot compute the sum over all of them.`;
  const decay = training.weight_decay > 0 ? `, plus ${plain(training.weight_decay)} times each weight (weight decay).` : '.';
  if (training.batch_size) return `${all}${decay} The step is the one that all samples would make together; training takes ${grouped(training.batch_size)} of them for each update, in a random order.`;
  if (training.momentum > 0) return `${all}${decay} The step is without momentum; training adds ${plain(training.momentum)} times the step before.`;
  return `${all}${decay} The step is minus the learning rate times the derivative.`;
}

export function wordsForSweep(json) {
  const runs = readSweep(json);
  const rows = runs.map(run => {
    const z2 = logits(createTrajectory(run).networkAfter(run.training.kept_update), run.train.x);
    const [loss, right] = [cost(z2, run.train.y), accuracy(z2, run.train.y)];
    return `<tr><th scope="row">${run.network.hidden}</th><td>${significant(loss)}</td><td>${percent(right)}</td></tr>`;
  });
  return {
    version: '0.1.0',
    title: 'How many hidden units does the flower need?',
    sentences: `${runs.length} networks learn the same ${grouped(runs[0].samples.count)} samples.`,
    stills: `<figure><img src="${PIXEL}" alt="the boundaries"></figure>`,
    keys: 'hidden',
    shown: 'All networks after the same update.',
    cost: 'cost',
    scores: `<div class="scroll" tabindex="0" role="region" aria-label="All runs"><table><thead><tr><th scope="col">hidden units</th><th scope="col">cost</th><th scope="col">accuracy</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
    data: '<p class="lead">Findings: none.</p>',
    again: '<pre tabindex="0">petal train configs/sweep.toml</pre>',
  };
}
