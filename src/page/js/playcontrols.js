// The controls of the settings, built from the list in playstate.js. Each changes the state at once, and has a place for what the server
// says about its setting.

import { make, on, setAttributes, setText } from './dom.js';
import { capital, plain } from './numbers.js';
import { CONTROLS, fromSlider, toSlider } from './playstate.js';

const FIRST_NAMES = CONTROLS.filter(({ first }) => first).map(({ name }) => name);
const FIRST_ONES = capital(`${FIRST_NAMES.slice(0, -1).join(', ')} and ${FIRST_NAMES.at(-1)}`);

/// Fills `root` with the controls. `change(settings)` gets the changed settings; undefined is the default.
export function createSettings(root, change) {
  const groups = new Map();
  const controls = CONTROLS.map(spec => {
    if (!groups.has(spec.group)) {
      groups.set(spec.group, make('fieldset', {}, make('legend', {}, spec.group)));
      root.append(groups.get(spec.group));
    }
    const control = createControl(spec, change);
    groups.get(spec.group).append(control.element);
    return control;
  });

  // The defaults that the server has said for settings without a value.
  const defaults = {};
  const note = make('p', { class: 'small', role: 'status' });
  groups.get('Network').append(note);

  return {
    render(state) {
      for (const control of controls) control.render(state, defaults);
      setText(note, state.fork ? `${FIRST_ONES} only choose the first weights. Here training goes on from edited weights, so they do nothing until the edit is undone.` : '');
    },
    /// Takes the settings that a state was trained with, from which the defaults follow of those that it leaves out.
    learn({ config }, settings) {
      for (const [key, value] of Object.entries(settings ?? {})) if ((config[key] ?? null) === null) defaults[key] = value;
    },
    /// Shows what is wrong with a setting at its control. Whether there is such a control.
    showError(key, message) {
      for (const control of controls) control.showError(control.key === key ? message : '');
      return controls.some(control => control.key === key && !control.element.hidden);
    },
    /// The group with this name, for more controls.
    group: name => groups.get(name),
  };
}

function createControl(spec, change) {
  const { key, name, options, range, dice, when, first } = spec;
  const id = `set-${key.replace('.', '-')}`;
  const error = make('p', { class: 'error', id: `${id}-error`, role: 'alert' });
  const field = options
    ? make('select', { id, name: key }, ...options.map((value, i) => make('option', { value }, spec.texts?.[i] ?? value.replace('_', ' '))))
    : make('input', { id, name: key, type: 'text', inputmode: spec.list ? 'text' : 'decimal', autocomplete: 'off' });
  const slider = range && make('input', { type: 'range', min: 0, max: 1000, step: 'any', 'aria-label': name });
  const roll = dice && make('button', { type: 'button', class: 'link', 'aria-label': `new ${name}` }, 'new');
  const element = make('div', { class: 'setting' }, make('label', { for: id }, name), field, ...[roll, slider, error].filter(Boolean));
  let [typing, usual] = [false, undefined];

  const set = value => change({ [key]: value });
  if (slider) {
    on(slider, 'input', () => set(fromSlider(spec, Number(slider.value))));
    on(slider, 'keydown', event => stepSlider(event, spec, Number(slider.value), set));
  }
  if (roll) on(roll, 'click', () => set(1 + (Number(field.value || usual) || 0)));
  // While somebody types, half a number is not sent, and the field is not set.
  on(field, options ? 'input' : 'input change blur', ({ type }) => {
    typing = !options && type === 'input';
    const value = valueOf(field.value, spec);
    if (type === 'change' || options || typeof value === 'number') if (type !== 'blur') set(value);
  });

  function render(state, defaults) {
    const value = state.config[key] ?? undefined;
    usual = defaults[key] ?? spec.empty;
    element.hidden = when ? !when(state) : false;
    if (first) for (const control of [field, slider, roll]) if (control) control.disabled = state.fork !== null;
    if (options) {
      // A value that the control does not have, such as "csv", is shown as none.
      const isOther = key === 'data.kind' && (state.points || state.table);
      field.value = isOther ? '' : value ?? usual ?? options[0];
    } else if (!typing) {
      field.value = [value ?? ''].flat().join(', ');
    }
    if (!options) setAttributes(field, { placeholder: usual ?? '' });
    // A default that is not known yet comes with the next training.
    const shown = Number(value ?? usual ?? NaN);
    if (!slider || !Number.isFinite(shown)) return;
    slider.value = toSlider(spec, shown);
    setAttributes(slider, { 'aria-valuetext': value === undefined ? `${plain(shown)}, the default` : plain(shown) });
  }

  function showError(message) {
    setText(error, message);
    setAttributes(field, { 'aria-invalid': message !== '' });
    if (message) field.setAttribute('aria-describedby', error.id);
    else field.removeAttribute('aria-describedby');
  }

  return { key, element, render, showError };
}

/// A value as the server should have it: what is no number is sent as it is, so that the server says what is accepted.
function valueOf(text, { options, list }) {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (list) return trimmed.split(',').map(name => name.trim()).filter(Boolean);
  if (['true', 'false'].includes(trimmed) && options) return trimmed === 'true';
  return options || !Number.isFinite(Number(trimmed)) ? trimmed : Number(trimmed);
}

/// Arrow keys change a slider by its step or, without one, by a hundredth of its length, and always by one step of what it shows.
function stepSlider(event, spec, position, set) {
  const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity }[event.key];
  if (!by) return;
  event.preventDefault();
  const now = fromSlider(spec, position);
  const length = spec.log ? 10 : (1000 * (spec.step ?? 1)) / (spec.range[1] - spec.range[0]);
  let next = Math.min(1000, Math.max(0, position + by * length));
  while (fromSlider(spec, next) === now && next > 0 && next < 1000) next = Math.min(1000, Math.max(0, next + Math.sign(by) * length));
  set(fromSlider(spec, next));
}
