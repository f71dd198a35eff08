// Numbers as people read them: a real minus sign, commas between thousands, a fixed count of significant digits.

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const withMinus = text => text.replace('-', '−');

/// A whole number with commas: 10,000.
export const grouped = number => withMinus(String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ','));

/// A number with this many significant digits: 0.3326, −2.430, 1.040×10⁻⁶.
export function significant(number, digits = 4) {
  if (!Number.isFinite(number)) return withMinus(String(number)).replace('Infinity', '∞');
  if (number === 0) return '0';
  const [mantissa, exponent] = number.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return withMinus(number.toFixed(Math.max(0, digits - 1 - power)));
  const raised = String(power).replace(/./g, digit => SUPERSCRIPTS[digit] ?? '⁻');
  return withMinus(mantissa) + '×10' + raised;
}

/// A number with a fixed count of decimals, so that numbers in a column line up.
export const fixed = (number, decimals) => Number.isFinite(number) ? withMinus(number.toFixed(decimals)) : significant(number);

/// A share as per cent: 90.75 %.
export const percent = share => Number.isFinite(share) ? `${(100 * share).toFixed(2)}\u00a0%` : '–';

/// As `significant`, without zeros at the end: for settings such as 1.2.
export function plain(number, digits = 6) {
  const text = significant(number, digits);
  return text.includes('.') ? text.replace(/\.?0+(?=×|$)/, '') : text;
}

/// A message as a sentence, without its full stop. Names of settings and files stay as they are.
export const capital = text => (/^[a-z]+ (?!=)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text).replace(/\.$/, '');

/// Round values between two limits, at most `count` of them: 0, 50, 100.
export function niceTicks(low, high, count) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= raw * 0.7);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/// The indices below `count` with the largest values, at most `most` of them, in increasing order.
export function largest(count, most, value) {
  const all = Array.from({ length: count }, (_, i) => ({ i, size: value(i) }));
  return all.sort((a, b) => b.size - a.size).slice(0, most).map(({ i }) => i).sort((a, b) => a - b);
}
