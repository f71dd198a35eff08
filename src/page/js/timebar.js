// The time bar: the numbers at the slider's update, the slider, play and single steps, and the film strip above it.

import { axisLabels, INSET } from './axis.js';
import { bindField, make, sizeCanvas, svgText } from './dom.js';
import { logitField, paintField } from './field.js';
import { grouped, percent, significant } from './numbers.js';

// A whole training is played in this many milliseconds.
const PLAY_TIME = 9000;
const STRIP = 46;

export function createTimeBar(root, axis, actions) {
  const [back, play, forward, number, slider] = ['back', 'play', 'forward', 'update', 'time'].map(name => root.querySelector(`[name=${name}]`));
  const ticks = root.querySelector('.ticks');
  let playing = false;
  let now = 0;
  let labelled = 0;

  const stop = () => {
    playing = false;
    play.setAttribute('aria-pressed', false);
  };
  const on = (element, event, act) => element.addEventListener(event, details => { stop(); act(details); });
  slider.max = axis.last;
  slider.disabled = axis.last === 0;
  on(slider, 'input', () => actions.goTo(axis.nearest(slider.value / axis.last)));
  on(slider, 'keydown', event => moveByKey(event, axis, actions));
  const showUpdate = bindField(number, update => { stop(); actions.goTo(update); });
  on(back, 'click', () => actions.step(-1));
  on(forward, 'click', () => actions.step(1));
  play.addEventListener('click', () => (playing ? stop() : start()));

  function start() {
    const from = axis.share(now) < 1 ? axis.share(now) : 0;
    const begun = performance.now() - from * PLAY_TIME;
    // People who do not want motion see a few steps in place of a film.
    const pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? 12 : axis.last;
    playing = true;
    play.setAttribute('aria-pressed', true);
    const tick = time => {
      if (!playing) return;
      const share = Math.min(1, Math.max(0, time - begun) / PLAY_TIME);
      actions.goTo(axis.nearest(Math.floor(share * pace) / pace));
      if (share < 1) requestAnimationFrame(tick); else stop();
    };
    requestAnimationFrame(tick);
  }

  function render(view, width) {
    now = view.update;
    slider.value = axis.position(now);
    showUpdate(grouped(now));
    const texts = readout(view);
    slider.setAttribute('aria-valuetext', `update ${grouped(now)}, ${texts.map(pair => pair.join(' ')).join(', ')}`);
    root.querySelector('.values').replaceChildren(...texts.map(([name, text]) => make('span', {}, `${name} `, make('b', {}, text))));

    if (width === labelled) return;
    labelled = width;
    ticks.replaceChildren(...axisLabels(axis, width - 2 * INSET, width < 500 ? 58 : 68).map(({ x, text }) => {
      const anchor = x > width - 60 ? 'end' : 'middle';
      return svgText(x + { middle: INSET, end: 2 * INSET }[anchor], 12, anchor, text);
    }));
  }

  return { render, box: ticks };
}

function moveByKey(event, axis, actions) {
  const frames = { PageDown: -10, PageUp: 10, ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity }[event.key];
  if (!frames) return;
  event.preventDefault();
  if (event.shiftKey) actions.step(Math.sign(frames));
  else actions.frames(frames);
}

/// The numbers at an update, [name, text].
function readout({ cost, accuracy, validation, sharpness }) {
  const texts = [];
  if (cost !== null) texts.push(['cost', significant(cost)]);
  if (accuracy !== null) texts.push(['accuracy', percent(accuracy)]);
  if (validation) texts.push(['validation', `${significant(validation.cost)}, ${percent(validation.accuracy)}`]);
  if (sharpness) texts.push(['sharpness', (sharpness.exact ? '' : '≈ ') + significant(sharpness.value)]);
  return texts;
}

/// The film strip: small pictures of the boundary along the axis. They are drawn once for each width, plane and theme.
export function createFilmStrip(root, axis, trajectory, actions) {
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  root.append(canvas);
  let drawn = '';
  canvas.addEventListener('click', event => actions.goTo(axis.nearest((event.offsetX - INSET) / (canvas.clientWidth - 2 * INSET))));

  function render({ planeKey, window: plane, palette, foldAt }, width) {
    const key = [width, planeKey, palette.ink, devicePixelRatio].join();
    if (width === 0 || key === drawn) return;
    drawn = key;
    const context = sizeCanvas(canvas, width, STRIP + 2);
    context.strokeStyle = palette.frame;
    const count = Math.max(1, Math.min(axis.last, Math.floor(width / (STRIP * 1.65)) - 1));
    for (let i = 0; i <= count; i++) {
      const update = axis.nearest(i / count);
      const left = Math.round(Math.min(width - STRIP - 1, Math.max(1, INSET + axis.share(update) * (width - 2 * INSET) - STRIP / 2)));
      paintField(context, logitField(foldAt(trajectory.networkAfter(update)), plane, 40), 40, palette, left, 1, STRIP, STRIP);
      context.strokeRect(left - 0.5, 0.5, STRIP + 1, STRIP + 1);
    }
  }

  return { render };
}
