// The playground: a page whose state is a configuration. Every change trains the whole network anew on the server, and time is a slider.

import { find, make, on, setText } from './dom.js';
import { showNotes } from './notes.js';
import { capital, grouped, percent, plain, significant } from './numbers.js';
import { createClient, createQueue } from './playclient.js';
import { createSettings } from './playcontrols.js';
import { createDrawing, createTables } from './playdata.js';
import { createFork } from './playfork.js';
import { createGradients } from './playgradients.js';
import { createLessons } from './playlessons.js';
import { createPreview, createReader } from './playpreview.js';
import { createScreen } from './playscreen.js';
import { fragmentOf, isGenerated, playCommand, readFragment, settingOf, withSettings } from './playstate.js';
import { checkFormat } from './run.js';

/// A training that takes longer than this, in milliseconds, is shown while it runs, and then as often.
const PREVIEW = 250;
/// The token stays in this tab, so that the page can be loaded anew. It is worth nothing once its server has ended.
const TOKEN_KEY = 'petal-token';
/// What is trained for the picture where the first state is refused. All else stays as it was asked for.
const DEFAULT_STATE = { config: { 'train.engine': 'fused' }, points: null, table: null, fork: null };

/// Builds the page in the elements of play.html, and begins. What it returns is for tests.
export function createPlayground() {
  const [main, settingsRoot, outcome, message, notes, again, lessonRoot, forkRoot, tableRoot, drawRoot, gradientsRoot, stage] = find(document,
    'main', '#settings', '#outcome', '#message', '#notes', '#again', '#lessons', '#fork', '#table', '#draw', '#gradients', '#picture .stage');
  let [client, state, lesson, shown, told, goTo, problem, startNote] = [null, null, null, null, null, null, '', null];
  // The state and the view of the last training that has ended.
  let whole = { state: null, view: null };
  let addressTimer = 0;

  const place = () => ({ update: screen.view()?.update, lesson });
  const link = () => (playCommand(state) ? new URL(fragmentOf(state, place()), location.href).href : null);
  const screen = createScreen({ onView });
  const settings = createSettings(settingsRoot, changes => change(withSettings(state, changes)));
  settings.group('Data').append(drawRoot, tableRoot);
  const page = {
    state: () => state, change, screen, client: () => client, fail, isPending: () => shown?.points !== state.points, isOfLesson: parameters => lessons.begin(parameters),
  };
  const [fork, drawing, tables, gradients] = [createFork(forkRoot, page), createDrawing(drawRoot, stage, page), createTables(tableRoot, page), createGradients(gradientsRoot, page)];
  const lessons = createLessons(lessonRoot, {
    open: ({ runs, update, unit }, index, isGuess) => {
      change(runs[index].state, isGuess ? update : undefined);
      if (isGuess && unit !== null) screen.set({ unit });
    },
    changed: id => { lesson = id; writeAddress(); },
  });
  const [queue, reader] = [createQueue(trainAndShow), createReader()];
  // These need a picture.
  forkRoot.inert = drawRoot.inert = true;
  createTakeAway(again, { state: () => state, link, playCommand: () => playCommand(state, place()), client: () => client, fail, say });
  listenToKeys();

  /// Shows another state. `update` is a place on the axis of time to go to, or null for that of the kept parameters.
  function change(next, update) {
    state = next;
    if (update !== undefined) goTo = { state, update };
    settings.render(state);
    tables.render(state);
    if (screen.view()) drawing.render(screen.view());
    writeAddress();
    queue.ask(state);
  }

  /// Trains one state. Resolves with a function that shows it.
  async function trainAndShow(asked, signal) {
    const began = performance.now();
    const draw = () => {
      const now = performance.now();
      showPreview(asked, preview.run());
      // Drawing takes time from a training on the same machine: at most a fifth.
      [timer, next] = [0, now + Math.max(PREVIEW, 5 * (performance.now() - now))];
    };
    let [first, preview, end, next, timer] = [null, null, null, began + PREVIEW, 0];
    try {
      await client.train(asked, line => {
        if (line.start) {
          first = line.start;
          checkFormat(first);
          main.classList.remove('closed');
          settings.learn(asked, first.settings);
          settings.render(state);
          preview = createPreview(first, reader.dataOf(first));
        }
        if (line.wait) say(line.wait === 1 ? 'Another training is under way: this one waits.' : `${line.wait} trainings wait, this one among them.`);
        if (line.frames) {
          preview.add(line);
          // Where the end has come with these frames, they are not shown.
          if (performance.now() > next) timer ||= setTimeout(draw);
        }
        if (line.end) end = line.end;
      }, signal);
      clearTimeout(timer);
      const milliseconds = performance.now() - began;
      return () => finish(asked, first, end, milliseconds);
    } catch (error) {
      clearTimeout(timer);
      stopPreview();
      return error.name === 'AbortError' ? null : refused(asked, error, signal);
    }
  }

  /// Says why there was no training. Without a picture, most of the page could do nothing: the default network gives one.
  async function refused(asked, error, signal) {
    fail(error);
    if (shown || asked === DEFAULT_STATE || !(error.status > 0) || error.status === 403) return null;
    const show = await trainAndShow(DEFAULT_STATE, signal);
    return show && (() => {
      show();
      fail(error);
      message.append(make('p', {}, 'Until then, the picture is of the default network.'));
    });
  }

  /// What stays in place: the part of the plane while points are drawn, and the update if more of the same training has come.
  function placeFor(asked) {
    return { window: asked.points && shown?.points ? screen.window() : undefined, goesOn: shown === asked && told?.isRunning };
  }

  /// The update to go to in a run of a state that was asked for with one.
  function placeOf(asked, run) {
    return goTo?.state === asked ? goTo.update ?? run.training.kept_update : undefined;
  }

  /// Shows what has come of a training so far.
  function showPreview(asked, run) {
    if (!run) return;
    const place = placeFor(asked);
    shown = asked;
    told = { planned: run.training.planned_updates, isRunning: true };
    say('');
    settings.showError(null, '');
    screen.show(run, { ...place, update: placeOf(asked, run), isPreview: true });
  }

  /// A training that was refused or ended leaves what was shown of it.
  function stopPreview() {
    if (!told?.isRunning) return;
    told = { ...told, isRunning: false };
    screen.set({});
  }

  function finish(asked, first, end, milliseconds) {
    const run = reader.read({ ...first, ...end });
    const place = placeFor(asked);
    shown = asked;
    told = { planned: run.training.planned_updates, milliseconds: 1000 * (end.seconds ?? milliseconds / 1000) };
    say(problem);
    problem = '';
    settings.showError(null, '');
    forkRoot.inert = drawRoot.inert = false;
    screen.show(run, { ...place, update: placeOf(asked, run) });
    const [same, why, command, copy] = find(again, '.same', '.why', '.command', '[name=copy-command]');
    setText(command, first.command ?? '');
    setText(why, first.why ? `${capital(first.why)}.` : '');
    for (const element of [same, command, copy]) element.hidden = !first.command;
    showNotes(notes, [...(end.why ?? []), ...(first.notes ?? []), ...(startNote ? [startNote] : [])]);
    if (state.table) tables.show([]);
  }

  function onView(view) {
    fork.render(view);
    drawing.render(view);
    gradients.render(view);
    const { run, update, cost, accuracy, validation } = view;
    const { planned, milliseconds, isRunning } = told;
    if (milliseconds !== undefined) whole = { state: shown, view };
    const diverged = run.divergence ? `Training diverged at update ${grouped(run.divergence.update)}. ` : '';
    const held = validation ? `, ${percent(validation.accuracy)} of the validation samples` : '';
    const scores = cost === undefined ? '' : `After update ${grouped(update)} of ${grouped(planned)}, ${percent(accuracy)} of the training samples are right${held}; the cost is ${significant(cost)}. `;
    const last = grouped(run.training.updates);
    const time = milliseconds !== undefined ? `Trained in ${plain(Number(milliseconds.toPrecision(2)))} ms.` : isRunning ? `Training: update ${last}.` : `Training ended after update ${last}.`;
    setText(outcome, `${diverged}${scores}${time}`);
    writeAddress();
  }

  function say(text, ...more) {
    message.replaceChildren(...(text ? [make('p', {}, text)] : []), ...more);
  }

  /// What a refused or lost training means. The state stays.
  function fail(error) {
    const { status } = error;
    const key = settingOf(error);
    if (status === 403) return askForAddress(`The server does not know this page: ${error.message}.`);
    if (status === undefined || status > 0) {
      const place = key && settings.showError(key, error.message);
      if (key === 'table') tables.show([error.message], true);
      // A setting without a control can only be left out.
      const leave = !place && Object.hasOwn(state.config, key ?? '') ? [button(`Leave out ${key}`, () => change(withSettings(state, { [key]: undefined })))] : [];
      return say(place ? '' : `${capital(error.message)}.`, ...leave);
    }
    const command = playCommand(state, place());
    return say(
      `${capital(error.message)}. The page keeps its state. ${command ? 'This starts the server again with it:' : 'Save the state as a file, start `petal play` again, and drop the file there.'}`,
      ...(command ? [make('pre', { tabindex: 0 }, command)] : []),
      button('Try again', () => change(state)),
      ...(command ? [] : [button('Save the state', () => save('petal-state.json', new Blob([JSON.stringify(state)])))]),
    );
  }

  /// Without a token, the page can do nothing until it has one. A field that somebody may be typing in stays.
  function askForAddress(why) {
    const text = `${why} Paste the address that “petal play” printed:`;
    if (message.querySelector('form')) return setText(message.querySelector('p'), text);
    const field = make('input', { type: 'text', autocomplete: 'off', 'aria-label': 'The address that petal play printed', placeholder: 'http://127.0.0.1:…/#token=…' });
    const form = make('form', {}, field, make('button', {}, 'Open'));
    on(form, 'submit', event => {
      event.preventDefault();
      open(field.value.trim());
    });
    return say(text, form);
  }

  /// Opens a pasted address. A server at another port has a page of its own, which gets the state.
  function open(address) {
    const url = URL.canParse(address) ? new URL(address) : null;
    const { token } = readFragment(url?.hash ?? '');
    if (!token || url.protocol !== 'http:' || !['127.0.0.1', 'localhost'].includes(url.hostname)) return askForAddress('This is not such an address.');
    if (url.origin === location.origin) return take(url.hash);
    return location.assign(`${url.origin}/#token=${token}${state ? `&${fragmentOf(state).slice(1)}` : ''}`);
  }

  function writeAddress() {
    clearTimeout(addressTimer);
    addressTimer = setTimeout(() => {
      if (!state) return;
      history.replaceState(null, '', fragmentOf(state, place()));
    }, 300);
  }

  /// Begins with what the address holds. The token leaves it at once.
  async function take(hash) {
    const found = readFragment(hash);
    if (found.token) {
      try { sessionStorage.setItem(TOKEN_KEY, found.token); } catch { /* a browser may forbid it: then the page cannot be loaded anew */ }
      const rest = new URLSearchParams(hash.slice(1));
      rest.delete('token');
      history.replaceState(null, '', `${location.pathname}#${rest}`);
    }
    const token = found.token ?? storedToken();
    client = createClient(token);
    if (!token) return askForAddress('This page has no token.');
    let start;
    try {
      start = await client.start();
    } catch (error) {
      state ??= found.state ?? null;
      if (error.status === 403) return askForAddress(`${capital(error.message)}.`);
      if (error.status > 0) return say(`${capital(error.message)}.`, button('Try again', () => take(hash)));
      return state ? fail(error) : say(`${capital(error.message)}. Start it again with “petal play”.`);
    }
    say('');
    main.classList.remove('closed');
    const keeps = state !== null;
    const isFirst = !found.state && !keeps;
    if (found.state || isFirst) startNote = found.state ? null : start.note;
    lessons.fill(start.lessons);
    // A lesson that was closed stays closed.
    const opened = found.lesson ?? (isFirst ? start.lesson : null);
    const isMissing = opened && !lessons.show(opened);
    // An address without a lesson, and not one with only a new token.
    if (!opened && !isFirst && !found.token) lessons.show('');
    problem = isMissing ? `There is no lesson “${opened}” here.` : '';
    if (found.problem) problem = `${found.problem} The page ${keeps ? 'keeps its state' : 'shows the state that the server was started with'}.`;
    change(found.state ?? state ?? start.state, found.update ?? (isFirst ? start.update ?? undefined : undefined));
    return undefined;
  }

  // The address changes by hand, by a link, or when the printed address is pasted.
  window.addEventListener('hashchange', () => take(location.hash));
  const ready = take(location.hash);
  return { ready, change, queue, screen, state: () => state, shown: () => whole.state, view: () => whole.view, actions: { set: changes => screen.set(changes) }, isGenerated: () => isGenerated(state) };
}

function storedToken() {
  try {
    return sessionStorage.getItem(TOKEN_KEY);
  } catch {
    return null;
  }
}

const button = (text, act) => {
  const element = make('button', { type: 'button' }, text);
  on(element, 'click', act);
  return element;
};

/// What can be taken away: the link, the commands, files.
function createTakeAway(root, page) {
  const [copied] = find(root, '.copied');
  const copy = async (text, what) => {
    try {
      await navigator.clipboard.writeText(text);
      setText(copied, `${what} copied.`);
    } catch {
      setText(copied, `The browser does not let the page copy. This is it: ${text}`);
    }
  };
  const tooLong = () => setText(copied, 'The data are too long for a link. Save the state as a file, and drop it on the page to open it.');
  const actions = {
    'copy-link': () => (page.link() ? copy(page.link(), 'Link') : tooLong()),
    'copy-play': () => (page.playCommand() ? copy(page.playCommand(), 'Command') : tooLong()),
    'copy-command': () => copy(find(root, '.command')[0].textContent, 'Command'),
    'save-state': () => save('petal-state.json', new Blob([JSON.stringify(page.state())])),
  };
  on(root, 'click', async ({ target }) => {
    const { name, dataset } = target;
    if (actions[name]) actions[name]();
    if (!dataset.what) return;
    setText(copied, 'The server trains again and makes the file.');
    try {
      const file = await page.client().file(page.state(), dataset.what);
      save(file.name, file.blob);
      setText(copied, `${file.name} saved.`);
    } catch (error) {
      setText(copied, '');
      page.fail(error);
    }
  });
}

function save(name, blob) {
  const url = URL.createObjectURL(blob);
  make('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/// Keys for time, wherever no control has the focus: space plays, arrows go to the next frame, with Shift to the next update.
function listenToKeys() {
  const [slider, play] = find(document, '#timebar [name=time]', '#timebar [name=play]');
  const press = key => slider.dispatchEvent(new KeyboardEvent('keydown', key));
  on(document, 'keydown', event => {
    const { key, shiftKey, target, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey || target.closest('input, select, button, textarea, summary, a, [tabindex]')) return;
    if (key === ' ') play.click();
    else if (['ArrowLeft', 'ArrowRight'].includes(key)) press({ key, shiftKey });
    else return;
    event.preventDefault();
  });
  for (const [name, key] of [['first', 'Home'], ['last', 'End']]) on(find(document, `#timebar [name=${name}]`)[0], 'click', () => press({ key }));
}

if (typeof document !== 'undefined' && document.getElementById('settings')) window.petal = createPlayground();
