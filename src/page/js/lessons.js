// The lessons: each asks for a guess first, then shows. A link leads to each, #lesson=symmetry.
//
//     { id, title, ask, answers, right: the index of an answer, or null where there is none, say: paragraphs,
//       config: the settings that differ from the first ones, fork: the edited weights as a function of the network's size,
//       update: where to look, unit: the hidden unit to look at, table: whether it ends with a table of one's own }
//
// At most 120 words each, counted by a test. In `say`, what the screen shows next is described, not repeated.

export const LESSONS = [
  {
    id: 'line', title: 'One unit is a line', config: { 'model.hidden': 1 },
    ask: 'The network has one hidden unit. What can the line between its two colours look like?',
    answers: ['any curve', 'a straight line', 'two lines'], right: 1,
    say: [
      'A straight line. The unit computes z1 = x1 w1 + x2 w2 + b1, which is constant along lines. tanh bends the value, not the line, and the output only chooses where on the slope the colours meet.',
      'Move “hidden units” to 2, 3 and 4, and watch each unit add a line.',
    ],
  },
  {
    id: 'flower', title: 'Four units and the flower', config: {},
    ask: 'No straight line separates the petals. How much of the flower can four units learn?',
    answers: ['about half', 'about 90 %', 'all of it'], right: 1,
    say: [
      'About 90 %. Each small square shows one unit’s vote; the output adds the votes up. Play the training from its start: nearly all is learned in the first tenth.',
      'The rest is noise: petals overlap. Look at “data seed”: other samples, the same share.',
    ],
    update: 0,
  },
  {
    id: 'zero', title: 'Zero weights never learn', config: {}, fork: size => new Array(size.count).fill(0),
    ask: 'All weights begin at exactly 0. What happens in 10,000 updates?',
    answers: ['it learns more slowly', 'it learns as usual', 'nothing'], right: 2,
    say: [
      'The units learn nothing. The derivative of w1 is a product with w2, and w2 = 0. The derivative of w2 is a product with a1 = tanh 0 = 0. So every derivative but that of b2 is 0, at every update.',
      'Look at “The next update” below. Then set a single weight to 0.01, and train on.',
    ],
  },
  {
    id: 'symmetry', title: 'Equal weights stay equal', config: {},
    fork: ({ inputs, hidden, count }) => Array.from({ length: count }, (_, p) => (p < inputs * hidden ? [0.5, -0.3][Math.floor(p / hidden)] ?? 0.2 : p >= (inputs + 1) * hidden && p < (inputs + 2) * hidden ? 0.1 : 0)),
    ask: 'All four units begin with the same weights, which are not 0. What do they learn?',
    answers: ['the same', 'four different things', 'nothing'], right: 0,
    say: [
      'The same. Equal units get equal derivatives, so each update changes them equally. Four units are then one unit, four times: the line between the colours is straight.',
      'This is why weights begin at random. Change one weight of one unit a little, and train on: the symmetry breaks.',
    ],
  },
  {
    id: 'small-rate', title: 'Too small a learning rate', config: { 'train.learning_rate': 0.003 },
    ask: 'The learning rate is 0.003 in place of 1.2. What happens in the same number of updates?',
    answers: ['it learns the same', 'it does not get far', 'it diverges'], right: 1,
    say: [
      'It does not get far. A step is the learning rate times the derivative. 400 times smaller steps need about 400 times as many updates, and near the start all derivatives are small too.',
      'Drag the learning rate to the right, slowly, until it learns. Watch the ghost of the run before.',
    ],
  },
  {
    id: 'large-rate', title: 'Too large a learning rate', config: { 'train.learning_rate': 60, 'train.cost_limit': 12, 'train.updates': 2000 },
    ask: 'The learning rate is 60. What does the cost do?',
    answers: ['it falls faster', 'it rises', 'nothing'], right: 1,
    say: [
      'It rises, and training diverges after a few updates. The derivative tells the slope at one point. A step that is too long lands on the other side of the valley, higher than it began.',
      'Training stops where the cost passes a limit, and the page says which rate would be stable. Drag the rate to the left until the cost falls at every update.',
    ],
  },
  {
    id: 'edge', title: 'The edge of stability', config: {}, update: 7132,
    ask: 'The default run is steady for thousands of updates. Then its cost trembles. Why?',
    answers: ['the data change', 'the valley became too narrow', 'rounding errors'], right: 1,
    say: [
      'Sharpness is the largest curvature of the cost. Above 2 / learning rate, a step overshoots. Training itself makes the network sharper until it comes to this line: here at update 7,132.',
      'Then it does not blow up but stays at the line. Step by single updates: right and left of it in turn. Halve the learning rate, and the line doubles.',
    ],
  },
  {
    id: 'memory', title: 'Memorising noise', config: { 'data.kind': 'no_structure', 'data.samples': 100, 'split.validation': 0.3, 'model.hidden': 50, 'model.init_scale': 2, 'train.learning_rate': 0.3, 'train.momentum': 0.95 },
    ask: 'The labels are thrown by a coin. 50 units train on 70 samples. What is their accuracy?',
    answers: ['50 % on both', 'high on training, 50 % on validation', 'high on both'], right: 1,
    say: [
      'All training samples are right, and about half of those held out. There is nothing to learn, so everything that it gets right is memory.',
      'This is what validation samples are for. Move “hidden units” from 1 to 50: memory grows with the units, knowledge does not. Then try weight decay.',
    ],
  },
  {
    id: 'relu', title: 'relu and dead units', config: { 'model.activation': 'relu', 'model.hidden': 8, 'model.init': 'he', 'model.init_scale': undefined, 'train.learning_rate': 4 },
    ask: 'relu is 0 for every negative z1. What if z1 is negative for all samples?',
    answers: ['the unit wakes up later', 'the unit is dead', 'the network diverges'], right: 1,
    say: [
      'The unit is dead: its slope is 0 for every sample, so all its derivatives are 0, and no update changes it. Where samples are, its square is blank.',
      'Here long steps in the first updates threw five of eight units there. Take a smaller learning rate: fewer die. Or choose tanh, whose slope is never exactly 0.',
    ],
  },
  {
    id: 'logistic', title: 'Logistic regression is one layer', config: { 'model.activation': 'identity' },
    ask: 'The activation is the identity: a1 = z1. What can four such units do that one cannot?',
    answers: ['curves', 'corners', 'nothing'], right: 2,
    say: [
      'Nothing. A sum of sums is a sum: x w1 w2 is x times one vector. The two layers are one, and the model is logistic regression, whose boundary is straight.',
      'The bend between the layers makes the difference. Choose tanh again.',
    ],
  },
  {
    id: 'own', title: 'Your own data', config: {},
    ask: 'What is hard for a small network? Draw it.',
    answers: ['a ring', 'a spiral', 'a table of mine'], right: null,
    say: [
      'Under “Data”, choose “class 0” or “class 1” and draw on the picture, or drop a CSV with one row for each sample and a column of two values to predict.',
      'Petal says what looks wrong in a table: missing values, columns that give the answer away, rows that are there twice. Hold samples back with “validation”.',
    ],
  },
];

/// The state that a lesson shows, from the one that the server was started with.
export function stateOfLesson({ config, fork }, start) {
  const defaults = { ...start.config };
  for (const key of ['data.noise', 'data.factor', 'data.centers', 'data.standardise', 'data.features', 'data.ignore', 'data.one_hot', 'data.impute', 'data.missing', 'data.unlabelled', 'data.delimiter', 'train.final_learning_rate', 'train.batch_size', 'train.patience']) delete defaults[key];
  const all = { ...defaults, ...LESSON_BASE, ...config };
  for (const key of Object.keys(all)) if (all[key] === undefined) delete all[key];
  const [inputs, hidden] = [2, all['model.hidden']];
  const size = { inputs, hidden, count: inputs * hidden + 2 * hidden + 1 };
  return { config: all, points: null, table: null, fork: fork ? { update: 0, parameters: fork(size) } : null };
}

// The run of configs/default.toml.
const LESSON_BASE = {
  'data.kind': 'flower', 'data.samples': 400, 'data.seed': 1, 'split.validation': 0, 'split.test': 0, 'model.hidden': 4, 'model.activation': 'tanh', 'model.init': 'scaled',
  'model.init_scale': 0.01, 'model.seed': 2, 'train.learning_rate': 1.2, 'train.schedule': 'constant', 'train.updates': 10_000, 'train.weight_decay': 0, 'train.momentum': 0,
  'train.cost_limit': 1000, 'decision.threshold': 0.5, 'train.engine': 'fused', dtype: 'f64',
};
