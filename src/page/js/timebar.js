// The time bar: the numbers at the slider's update, the slider, play and single steps, and the film strip above it.

import { axisLabels, INSET } from './axis.js';
import { make, makeSvg, setText, sizeCanvas } from './dom.js';
import { logitField, paintField } from './field.js';
import { grouped, percent, significant } from './numbers.js';

// A whole training is played in this many milliseconds.
const PLAY_TIME = 9000;
const STRIP = 46;

const ICONS = { back: 'M11 3 4 8l7 5z', forward: 'M5 3l7 5-7 5z', play: 'M4 2l10 6-10 6z', pause: 'M4 2h3v12H4zM9 2h3v12H9z' };

function iconButton(name, label) {
  const path = makeSvg('path', { d: ICONS[name] });
  const icon = makeSvg('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, path);
  const button = make('button', { type: 'button', class: 'icon', title: label, 'aria-label': label }, icon);
  return { button, show: (next, text) => { path.setAttribute('d', ICONS[next]); button.title = text; button.setAttribute('aria-label', text); } };
}

/// `actions` has goTo(update), step(updates), and `axis` the time. Returns { render(view), stop() }.
export function createTimeBar(root, axis, actions) {
  const number = make('input', { class: 'update', inputmode: 'numeric', autocomplete: 'off', 'aria-label': 'Update' });
  const values = make('span', { class: 'values' });
  const back = iconButton('back', 'One update back');
  const play = iconButton('play', 'Play');
  const forward = iconButton('forward', 'One update forward');
  const slider = make('input', { type: 'range', min: 0, max: axis.last, step: 'any', 'aria-label': 'Time, in updates of training' });
  const ticks = makeSvg('svg', { class: 'ticks', 'aria-hidden': 'true' });
  root.append(
    make('div', { class: 'buttons' }, back.button, play.button, forward.button),
    make('div', { class: 'readout' }, make('label', {}, 'update', number), values),
    make('div', { class: 'track' }, slider, ticks),
  );

  slider.disabled = axis.last === 0;
  slider.addEventListener('input', () => { stop(); actions.goTo(axis.nearest(slider.value / axis.last)); });
  slider.addEventListener('keydown', event => moveByKey(event, axis, actions, stop));
  number.addEventListener('change', () => { stop(); actions.goTo(Number(number.value.replace(/\D/g, ''))); });
  back.button.addEventListener('click', () => { stop(); actions.step(-1); });
  forward.button.addEventListener('click', () => { stop(); actions.step(1); });
  play.button.addEventListener('click', () => (playing ? stop() : start()));

  let playing = false;
  let shown = { update: 0 };

  function start() {
    const from = axis.share(shown.update) >= 1 ? 0 : axis.share(shown.update);
    const begun = performance.now() - from * PLAY_TIME;
    // People who do not want motion see a few steps in place of a film.
    const pace = window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 12 : axis.last;
    playing = true;
    play.show('pause', 'Pause');
    const tick = now => {
      if (!playing) return;
      const share = Math.min(1, Math.max(0, now - begun) / PLAY_TIME);
      actions.goTo(axis.nearest(Math.floor(share * pace) / pace));
      if (share < 1) requestAnimationFrame(tick); else stop();
    };
    requestAnimationFrame(tick);
  }

  function stop() {
    playing = false;
    play.show('play', 'Play');
  }

  function render(view) {
    shown = view;
    const position = axis.position(view.update);
    if (Number(slider.value) !== position) slider.value = position;
    number.value = grouped(view.update);
    const texts = readout(view);
    slider.setAttribute('aria-valuetext', [`update ${grouped(view.update)}`, ...texts.map(([name, text]) => `${name} ${text}`)].join(', '));
    while (values.children.length > texts.length) values.lastChild.remove();
    texts.forEach(([name, text], i) => {
      if (!values.children[i]) values.append(make('span', {}, make('span'), ' ', make('b')));
      setText(values.children[i].firstChild, name);
      setText(values.children[i].lastChild, text);
    });
    drawTicks();
  }

  function drawTicks() {
    const width = ticks.clientWidth;
    if (ticks.dataset.width === String(width)) return;
    ticks.dataset.width = width;
    const labels = axisLabels(axis, width - 2 * INSET, width < 500 ? 58 : 68);
    ticks.replaceChildren(...labels.map(({ x, text }, i) => {
      const anchor = i === 0 ? 'start' : i === labels.length - 1 && x > width - 60 ? 'end' : 'middle';
      const shift = { start: -INSET, end: INSET, middle: 0 }[anchor];
      return makeSvg('text', { x: x + INSET + shift, y: 12, 'text-anchor': anchor }, text);
    }));
  }

  return { render, stop };
}

function moveByKey(event, axis, actions, stop) {
  const frames = { PageDown: -10, PageUp: 10, ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
  if (frames === undefined && event.key !== 'Home' && event.key !== 'End') return;
  event.preventDefault();
  stop();
  if (event.key === 'Home') actions.goTo(axis.updates[0]);
  else if (event.key === 'End') actions.goTo(axis.updates[axis.last]);
  else if (event.shiftKey) actions.step(Math.sign(frames));
  else actions.frames(frames);
}

/// The numbers at an update, [name, text].
function readout({ cost, accuracy, validation, sharpness }) {
  const texts = [];
  if (cost !== null) texts.push(['cost', significant(cost)]);
  if (accuracy !== null) texts.push(['accuracy', percent(accuracy)]);
  if (validation) texts.push(['validation', `${significant(validation.cost)}, ${percent(validation.accuracy)}`]);
  if (sharpness !== null) texts.push(['sharpness', `${sharpness.exact ? '' : '≈ '}${significant(sharpness.value)}`]);
  return texts;
}

/// The film strip: small pictures of the boundary along the axis. They are drawn once for each size, plane and theme.
export function createFilmStrip(root, axis, trajectory, actions) {
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  root.append(canvas);
  let drawn = '';

  canvas.addEventListener('click', event => {
    const x = event.clientX - canvas.getBoundingClientRect().left - INSET;
    actions.goTo(axis.nearest(x / (canvas.clientWidth - 2 * INSET)));
  });

  function render({ plane, window, palette, paletteName, foldAt }) {
    const width = root.clientWidth;
    const key = [width, plane.key, paletteName, devicePixelRatio].join();
    if (width === 0 || key === drawn) return;
    drawn = key;
    sizeCanvas(canvas, width, STRIP + 2);
    const context = canvas.getContext('2d');
    context.setTransform(canvas.width / width, 0, 0, canvas.width / width, 0, 0);
    context.clearRect(0, 0, width, STRIP + 2);
    const track = width - 2 * INSET;
    const count = Math.max(2, Math.min(axis.last + 1, Math.floor(width / (STRIP * 1.65))));
    for (let i = 0; i < count; i++) {
      const update = axis.nearest(axis.last ? i / (count - 1) : 0);
      const middle = INSET + axis.share(update) * track;
      const left = Math.round(Math.min(width - STRIP - 1, Math.max(1, middle - STRIP / 2)));
      const folded = foldAt(trajectory.networkAfter(update));
      paintField(context, logitField(folded, window, 40), 40, palette, left, 1, STRIP, STRIP);
      context.strokeStyle = palette.frame;
      context.strokeRect(left - 0.5, 0.5, STRIP + 1, STRIP + 1);
      if (axis.last === 0) break;
    }
  }

  return { render };
}
