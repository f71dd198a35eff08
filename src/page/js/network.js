// The network: forward pass, cost, gradient, for any number of inputs. The names are those of src/network.
//
//     z1 = x w1 + b1        [m, h]        x  [m, d]   w1 [d, h]   b1 [h]
//     a1 = f(z1)            [m, h]        f is tanh, sigmoid, relu or identity
//     z2 = a1 w2 + b2       [m, 1]        w2 [h, 1]   b2 [1]      z2 is the logit
//     a2 = sigmoid(z2)      [m, 1]        the probability of class 1
//     cost = mean(softplus(z2) - y z2)    the cross-entropy, without overflow for any logit
//
//     dz2 = (a2 - y) / m    dw2 = a1' dz2         db2 = sum over samples of dz2
//     dz1 = (dz2 w2') f'(z1)                      dw1 = x' dz1    db1 = sum over samples of dz1
//
// A network is { inputs: d, hidden: h, activation, values }. `values` holds all parameters in one list:
// w1 row by row, then b1, w2, b2.

// tanh' = 1 - tanh^2 loses all its digits where tanh is near 1, so the slope is computed as 1 / cosh^2.
export const ACTIVATIONS = {
  tanh: { value: z => Math.tanh(z), slope: z => { const c = Math.cosh(z); return 1 / (c * c); } },
  sigmoid: { value: sigmoid, slope: z => sigmoid(z) * sigmoid(-z) },
  relu: { value: z => (z > 0 ? z : 0), slope: z => (z > 0 ? 1 : 0) },
  identity: { value: z => z, slope: () => 1 },
};

export function sigmoid(z) {
  if (z >= 0) return 1 / (1 + Math.exp(-z));
  const e = Math.exp(z);
  return e / (1 + e);
}

/// The inverse of sigmoid.
export const logit = probability => Math.log(probability / (1 - probability));

/// -ln a2 where y = 1, -ln (1 - a2) where y = 0, from the logit: softplus(z2) - y z2.
export const crossEntropy = (z2, y) => Math.max(z2, 0) + Math.log1p(Math.exp(-Math.abs(z2))) - y * z2;

export const parameterCount = (inputs, hidden) => inputs * hidden + 2 * hidden + 1;

/// The four arrays of a network, as views of its values.
export function arraysOf({ inputs, hidden, values }) {
  const end = inputs * hidden;
  const [w1, b1, w2, b2] = [[0, end], [end, end + hidden], [end + hidden, end + 2 * hidden], [end + 2 * hidden]].map(range => values.subarray(...range));
  return { w1, b1, w2, b2 };
}

/// The name of each value, as `petal explain` writes it: w1[input,unit], b1[unit], w2[unit,0], b2[0], counted from 0.
export function parameterNames({ inputs, hidden }) {
  const units = (count, name) => Array.from({ length: count }, (_, k) => name(k));
  return [
    ...units(inputs * hidden, p => `w1[${Math.floor(p / hidden)},${p % hidden}]`), ...units(hidden, k => `b1[${k}]`),
    ...units(hidden, k => `w2[${k},0]`), 'b2[0]',
  ];
}

/// The logit of a sample whose inputs begin at `start` in x, as a function that makes no lists: for many samples.
export function logitOf(network) {
  const { inputs, hidden } = network;
  const { w1, b1, w2, b2 } = arraysOf(network);
  const { value } = ACTIVATIONS[network.activation];
  return (x, start) => {
    let z2 = b2[0];
    for (let k = 0; k < hidden; k++) {
      let z1 = b1[k];
      for (let j = 0; j < inputs; j++) z1 += x[start + j] * w1[j * hidden + k];
      z2 += value(z1) * w2[k];
    }
    return z2;
  };
}

/// The logits z2 of all samples: x holds them row by row.
export function logits(network, x) {
  const at = logitOf(network);
  return Float64Array.from({ length: x.length / network.inputs }, (_, i) => at(x, i * network.inputs));
}

/// The mean cost of samples with these logits.
export const cost = (z2, y) => z2.reduce((sum, z, i) => sum + crossEntropy(z, y[i]), 0) / z2.length;

/// The share of samples on the right side of the threshold: class 1 is predicted where z2 is above logit(threshold).
export function accuracy(z2, y, threshold = 0.5) {
  const level = logit(threshold);
  return z2.reduce((right, z, i) => right + (z > level === y[i] > 0 ? 1 : 0), 0) / z2.length;
}

/// The forward pass of one sample, and the parts that it adds to every derivative.
export function backward(network, x, y, m) {
  const { hidden } = network;
  const { w1, b1, w2, b2 } = arraysOf(network);
  const { value, slope } = ACTIVATIONS[network.activation];
  const z1 = b1.map((bias, k) => x.reduce((z, value, j) => z + value * w1[j * hidden + k], bias));
  const a1 = z1.map(value);
  const z2 = a1.reduce((z, a, k) => z + a * w2[k], b2[0]);
  const a2 = sigmoid(z2);

  const dz2 = (a2 - y) / m;
  const dw2 = a1.map(a => a * dz2);
  const slopes = z1.map(slope);
  const dz1 = slopes.map((s, k) => dz2 * w2[k] * s);
  const dw1 = w1.map((_, p) => x[Math.floor(p / hidden)] * dz1[p % hidden]);
  return { z1, a1, z2, a2, dz2, dw2, slopes, dz1, dw1 };
}

/// The derivatives of the mean cost of all samples, in the order of `values`. Weight decay adds decay * w, for weights only.
export function gradient(network, x, y, weightDecay = 0) {
  const { inputs, hidden, values } = network;
  const { w1, b1, w2, b2 } = arraysOf(network);
  const { value, slope } = ACTIVATIONS[network.activation];
  const m = y.length;
  const sum = new Float64Array(values.length);
  const { w1: dw1, b1: db1, w2: dw2, b2: db2 } = arraysOf({ inputs, hidden, values: sum });
  const [z1, a1] = [new Float64Array(hidden), new Float64Array(hidden)];
  // For tanh the slope follows from a1 without a second function call. Where 1 - a1^2 loses digits it is below 1e-8, and
  // vanishes in the sum over all samples.
  const isTanh = network.activation === 'tanh';

  for (let i = 0; i < m; i++) {
    const row = i * inputs;
    let z2 = b2[0];
    for (let k = 0; k < hidden; k++) {
      let z = b1[k];
      for (let j = 0; j < inputs; j++) z += x[row + j] * w1[j * hidden + k];
      z1[k] = z;
      a1[k] = value(z);
      z2 += a1[k] * w2[k];
    }

    const dz2 = (sigmoid(z2) - y[i]) / m;
    db2[0] += dz2;
    for (let k = 0; k < hidden; k++) {
      dw2[k] += a1[k] * dz2;
      const dz1 = dz2 * w2[k] * (isTanh ? 1 - a1[k] * a1[k] : slope(z1[k]));
      db1[k] += dz1;
      for (let j = 0; j < inputs; j++) dw1[j * hidden + k] += x[row + j] * dz1;
    }
  }

  if (weightDecay > 0) for (const [dw, w] of [[dw1, w1], [dw2, w2]]) w.forEach((weight, p) => { dw[p] += weightDecay * weight; });
  return sum;
}
