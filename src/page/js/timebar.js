// The time bar: the numbers at the slider's update, the slider, play and single steps, and the film strip above it.

import { axisLabels, INSET } from './axis.js';
import { bindField, fields, find, make, on, sizeCanvas, svgText } from './dom.js';
import { logitField, paintField } from './field.js';
import { grouped, percent, significant } from './numbers.js';

// A whole training is played in this many milliseconds.
const PLAY_TIME = 9000;
const STRIP = 46;

export function createTimeBar(root, { axis, actions }) {
  const [back, play, forward, number, slider, speed] = fields(root, 'back', 'play', 'forward', 'update', 'time', 'speed');
  const [ticks, values] = find(root, '.ticks', '.values');
  let [playing, now, labelled] = [false, 0, 0];

  const setPlaying = value => {
    playing = value;
    play.ariaPressed = value;
  };
  const onHand = (element, type, act) => on(element, type, event => { setPlaying(false); act(event); });
  slider.max = axis.last;
  slider.disabled = !axis.last;
  onHand(slider, 'input', () => actions.goTo(axis.nearest(slider.value / axis.last)));
  onHand(slider, 'keydown', event => moveByKey(event, actions));
  const showUpdate = bindField(number, update => { setPlaying(false); actions.goTo(update >= 0 ? update : now); });
  onHand(back, 'click', () => actions.step(-1));
  onHand(forward, 'click', () => actions.step(1));
  on(play, 'click', () => (playing ? setPlaying(false) : start()));

  function start() {
    const from = axis.share(now) < 1 ? axis.share(now) : 0;
    const time = PLAY_TIME / (speed?.value ?? 1);
    const begun = performance.now() - from * time;
    // People who do not want motion see a few steps in place of a film.
    const pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? 12 : axis.last;
    setPlaying(true);
    const tick = at => {
      if (!playing) return;
      const share = Math.min(1, Math.max(0, at - begun) / time);
      actions.goTo(axis.nearest(Math.floor(share * pace) / pace));
      if (share < 1) requestAnimationFrame(tick); else setPlaying(false);
    };
    requestAnimationFrame(tick);
  }

  function render(view, width) {
    now = view.update;
    slider.value = axis.position(now);
    showUpdate(grouped(now));
    const texts = readout(view);
    slider.ariaValueText = `update ${grouped(now)}, ${texts.map(pair => pair.join(' ')).join(', ')}`;
    values.replaceChildren(...texts.map(([name, text]) => make('span', {}, `${name} `, make('b', {}, text))));

    if (width === labelled) return;
    labelled = width;
    ticks.replaceChildren(...axisLabels(axis, width, width < 500 ? 58 : 68).map(({ x, text }) => (
      x > width - 48 ? svgText(x + INSET, 12, 'end', text) : svgText(x, 12, 'middle', text))));
  }

  return { render, box: ticks };
}

function moveByKey(event, actions) {
  const frames = { PageDown: -10, PageUp: 10, ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity }[event.key];
  if (!frames) return;
  event.preventDefault();
  if (event.shiftKey) actions.step(Math.sign(frames));
  else actions.frames(frames);
}

/// The numbers at an update that are known, [name, text].
function readout({ cost, accuracy, validation, sharpness }) {
  return [
    cost !== undefined && ['cost', significant(cost)],
    accuracy !== undefined && ['accuracy', percent(accuracy)],
    validation && ['validation', `${significant(validation.cost)}, ${percent(validation.accuracy)}`],
    sharpness && ['sharpness', (sharpness.exact ? '' : '≈ ') + significant(sharpness.value)],
  ].filter(Boolean);
}

/// The film strip: small pictures of the boundary along the axis. They are drawn once for each width, plane and theme.
export function createFilmStrip(root, { axis, trajectory, actions }) {
  const [canvas] = find(root, 'canvas');
  let drawn = '';
  on(canvas, 'click', ({ offsetX }) => actions.goTo(axis.updateAt(offsetX, canvas.clientWidth)));

  function render({ planeKey, window: plane, palette, foldAt }, width) {
    const key = [width, planeKey, palette.ink, devicePixelRatio].join();
    if (width === 0 || key === drawn) return;
    drawn = key;
    const context = sizeCanvas(canvas, width, STRIP + 2);
    context.strokeStyle = palette.frame;
    const count = Math.max(1, Math.min(axis.last, Math.floor(width / (STRIP * 1.65)) - 1));
    for (let i = 0; i <= count; i++) {
      const update = axis.nearest(i / count);
      const left = Math.round(Math.min(width - STRIP - 1, Math.max(1, axis.place(update, width) - STRIP / 2)));
      paintField(context, logitField(foldAt(trajectory.networkAfter(update)), plane, 40), 40, palette, left, 1, STRIP, STRIP);
      context.strokeRect(left - 0.5, 0.5, STRIP + 1, STRIP + 1);
    }
  }

  return { render };
}
