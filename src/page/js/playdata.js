// Data of one's own: points that are drawn and erased on the picture, by mouse, pen or finger, and tables that are dropped on the page or
// picked.

import { find, make, on, setText, sizeCanvas } from './dom.js';
import { showNotes } from './notes.js';
import { grouped } from './numbers.js';
import { markPath } from './picture.js';
import { parseState, withSamples } from './playstate.js';

/// Two points of a stroke are at least this far apart, in pixels.
const SPACING = 14;
/// The eraser takes what is within this distance, in pixels.
const ERASER = 16;

/// Drawing on the picture. `page` gives { state(), change(state), screen }.
export function createDrawing(root, stage, page) {
  const [modes, clear, fromData, note] = find(root, '.modes', '[name=clear]', '[name=take]', '.note');
  const [points] = find(stage, '.points');
  const overlay = make('canvas', { class: 'drawn', 'aria-hidden': 'true' });
  let [mode, last] = ['', null];
  points.after(overlay);
  overlay.hidden = true;

  on(modes, 'input', ({ target }) => {
    mode = target.value;
    overlay.hidden = mode === '';
    if (mode && !page.state().points) page.change(withSamples(page.state(), { points: samplesAsPoints(page.screen.view()) }));
  });
  on(clear, 'click', () => page.change(withSamples(page.state(), { points: [] })));
  on(fromData, 'click', () => page.change(withSamples(page.state(), { points: samplesAsPoints(page.screen.view()) })));
  on(overlay, 'pointerdown', event => {
    event.preventDefault();
    overlay.setPointerCapture(event.pointerId);
    last = null;
    stroke(event);
  });
  on(overlay, 'pointermove', event => { if (event.buttons) stroke(event); });

  function stroke({ offsetX, offsetY }) {
    if (last && Math.hypot(offsetX - last[0], offsetY - last[1]) < SPACING) return;
    last = [offsetX, offsetY];
    const { window: { x, y } } = page.screen.view();
    const side = overlay.clientWidth;
    const [width, height] = [x[1] - x[0], y[1] - y[0]];
    const place = [x[0] + (width * offsetX) / side, y[1] - (height * offsetY) / side];
    const list = page.state().points ?? samplesAsPoints(page.screen.view());
    const next = mode === 'erase'
      ? list.filter(([a, b]) => Math.hypot(((a - place[0]) / width) * side, ((b - place[1]) / height) * side) > ERASER)
      : [...list, [...place.map(value => Number(value.toPrecision(4))), Number(mode)]];
    if (next.length !== list.length) page.change({ ...withSamples(page.state(), { points: next }), fork: page.state().fork });
  }

  /// Draws the points of the state over the picture, as long as no training with them has been shown.
  function render(view) {
    const list = page.state().points;
    const isPending = list !== null && page.isPending();
    // To ask for its size takes time while nothing is drawn.
    const side = mode === '' && !isPending ? 0 : points.clientWidth;
    stage.classList.toggle('pending', isPending);
    // A picture of other than two inputs is a slice: a point on it has no values for the others.
    const isPlane = list !== null || view.run.inputs.length === 2;
    for (const radio of modes.querySelectorAll('input')) radio.disabled = !isPlane;
    if (!isPlane && mode) {
      mode = '';
      modes.querySelector('input').checked = true;
    }
    setText(note, list ? `${list.length} points drawn` : isPlane ? '' : 'Drawing needs two inputs. Choose other data first.');
    clear.hidden = list === null || !list.length;
    fromData.hidden = list !== null || !isPlane;
    if (!side) return;
    const context = sizeCanvas(overlay, side, side);
    if (!isPending) return;
    overlay.hidden = false;
    const { window: { x, y }, palette } = view;
    for (const [a, b, label] of list) {
      context.fillStyle = palette.marks[label];
      markPath(context, label, ((a - x[0]) / (x[1] - x[0])) * side, ((y[1] - b) / (y[1] - y[0])) * side, 4);
      context.fill();
    }
  }

  return { render: view => { render(view); if (!page.isPending()) overlay.hidden = mode === ''; }, mode: () => mode };
}

/// The samples of the picture as points to go on from.
function samplesAsPoints({ run: { inputs, samples } }) {
  const value = (i, j) => Number((inputs[j].shift + inputs[j].scale * samples.x[2 * i + j]).toPrecision(6));
  return Array.from(samples.y, (y, i) => [value(i, 0), value(i, 1), y]);
}

/// Tables. A table that can be read as one is the state's, also where the server refuses it: so its label and its settings can be mended.
/// `page` gives { state(), change(state), client(), fail(error) }.
export function createTables(root, page) {
  const [picker, label, labelBox, list] = find(root, 'input[type=file]', '[name=label]', '.label-choice', 'ul');
  // The table whose columns can be chosen.
  let offered = null;
  on(picker, 'change', () => picker.files[0] && open(picker.files[0]));
  on(label, 'input', () => take({ ...offered, class_one: null }, label.value));
  on(document, 'dragover', event => event.preventDefault());
  on(document, 'drop', event => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0]);
  });

  async function open(file) {
    const { name, size } = file;
    if (/\.(md|toml)$/i.test(name)) return show([`${name}: is ${/md$/i.test(name) ? 'a lesson' : 'a configuration or a lesson'}: \`petal play ${name}\` opens it`], true);
    // The server takes 2 MiB. A longer file would only be refused after it was sent.
    if (size > 1_900_000) return show([`${name} has ${grouped(size)} bytes: the playground takes at most 1,900,000; \`petal train\` takes more`], true);
    const text = await file.text();
    return name.endsWith('.json') ? openState(name, text) : survey({ name, text });
  }

  function openState(name, text) {
    try {
      page.change(parseState(text));
    } catch (error) {
      show([`${name}: ${error.message}`], true);
    }
  }

  async function survey(table) {
    try {
      const found = await page.client().table(table);
      if (found.label) {
        offer(table, found);
        return take(table, found.label);
      }
      render(page.state());
      offer(table, found);
      return show([`${table.name}: no column has two values; choose the column to predict`], true);
    } catch (error) {
      render(page.state());
      return error.status === 0 ? page.fail(error) : show([error.message], true);
    }
  }

  /// Lets the label be chosen.
  function offer(table, { columns, label: likely }) {
    offered = table;
    label.replaceChildren(...columns.map(column => column.name ?? column).map(name => make('option', { value: name }, name)));
    label.value = table.label ?? likely ?? '';
    labelBox.hidden = false;
  }

  function take(table, column) {
    page.change(withSamples(page.state(), { table: { class_one: null, ...table, label: column } }));
  }

  function show(sentences, isError = false) {
    list.classList.toggle('error', isError);
    showNotes(list, sentences);
    list.hidden = false;
  }

  /// Keeps the choice of a label for the table of the state, and for no other one. A table that came with the state has its columns from
  /// the server.
  function render({ table }) {
    if (table && offered?.text === table.text) {
      label.value = table.label ?? '';
      return;
    }
    offered = table;
    labelBox.hidden = true;
    show([]);
    if (table) page.client().table(table).then(found => { if (offered === table) offer(page.state().table, found); }, () => {});
  }

  return { show, render };
}
