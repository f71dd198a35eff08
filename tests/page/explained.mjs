// The numbers that `petal explain` prints, and the texts of a page as numbers.

import assert from 'node:assert/strict';

const RAISED = Object.fromEntries([...'⁻⁰¹²³⁴⁵⁶⁷⁸⁹'].map((character, i) => [character, i ? String(i - 1) : '-']));

/// The numbers in a text, in their order: of a page (−1.5×10⁻⁶, 10,000) or of the terminal (-1.5e-6).
export function numbersIn(text) {
  const plain = text.replaceAll('−', '-').replace(/×10([⁻⁰-⁹¹²³]+)/g, (_, raised) => `e${raised.replace(/./g, character => RAISED[character])}`).replace(/(\d),(?=\d{3})/g, '$1');
  return (plain.match(/(?<![\w.])-?\d+(\.\d+)?(e-?\d+)?/g) ?? []).map(Number);
}

/// What `petal explain` says, by its names: "z1[0]", "this sample's part of dw1[0,0]", "new b2[0]". Each has the numbers of its last line
/// and its value.
export function readExplained(text) {
  const found = new Map();
  let name = '';
  for (const line of text.split('\n')) {
    const start = /^ {2}(\S.*?) = /.exec(line);
    if (start) [, name] = start;
    if (!/^ +.*= /.test(line)) continue;
    const sides = line.replace(/ +autodiff .*/, '').split(/(?<=\s|^)= /);
    found.set(name, { value: Number(sides.at(-1)), numbers: numbersIn(sides.at(-2)) });
  }
  return found;
}

// Two right programs differ by this much: a2 - y and 1 - a1^2 cancel where the network is sure, and leave rounding errors of numbers near 1.
const ROUNDING = 1e-15;

/// Whether a shown number is another one, which has more digits, to the digits shown.
export function assertShown(shown, exact, digits, what) {
  const unit = exact === 0 ? 0 : 10 ** (Math.floor(Math.log10(Math.abs(exact))) + 1 - digits);
  // Half a unit of the last digit, and a little because the other number is rounded too.
  assert.ok(Math.abs(shown - exact) <= 0.51 * unit + ROUNDING, `${what}: the page shows ${shown}, must be ${exact}`);
}
