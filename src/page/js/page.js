// The page of one run. All that can change is in one object, `state`; `render` draws the page from it, and nothing is hidden
// elsewhere. What several parts need is computed once for each picture, in `viewOf`.

import { createAxis } from './axis.js';
import { createControls } from './controls.js';
import { createCurves } from './curves.js';
import { createDecisions } from './decisions.js';
import { createDiagram } from './diagram.js';
import { find, make, on } from './dom.js';
import { createLinking } from './linking.js';
import { createPicture } from './picture.js';
import { readRun } from './run.js';
import { createNextUpdate, createSample } from './sample.js';
import { createFilmStrip, createTimeBar } from './timebar.js';
import { createTrajectory } from './training.js';
import { firstState, readPalette, viewOf } from './view.js';

/// What draws the element with each id.
const PARTS_OF_PAGE = {
  picture: createPicture, timebar: createTimeBar, diagram: createDiagram, strip: createFilmStrip, curves: createCurves,
  sample: createSample, 'next-update': createNextUpdate, decisions: createDecisions,
};

/// Builds the page of a run in the elements of page.html. What it returns is for tests.
export function createPage(run) {
  const trajectory = createTrajectory(run);
  const axis = createAxis(run.frames.updates);
  const kept = trajectory.networkAfter(run.training.kept_update);
  const state = { ...firstState(run, kept), ...readAddress(run, axis) };
  const cache = { palette: readPalette() };
  let [view, waiting] = [null, false];

  const set = changes => {
    Object.assign(state, changes);
    if (!waiting) requestAnimationFrame(render);
    waiting = true;
  };
  const clamp = update => Math.min(axis.updates[axis.last], Math.max(0, Math.round(update) || 0));
  const frames = by => {
    const position = axis.position(state.update);
    set({ update: axis.updates[Math.min(axis.last, Math.max(0, Math[by > 0 ? 'floor' : 'ceil'](position) + by))] });
  };
  const actions = {
    set,
    frames,
    goTo: update => set({ update: trajectory.lands(clamp(update)) }),
    // Without replay a step leads to the next frame.
    step: by => (trajectory.replays ? set({ update: clamp(state.update + by) }) : frames(by)),
  };

  const page = { run, axis, trajectory, kept, actions, view: () => view };
  const roots = find(document, ...Object.keys(PARTS_OF_PAGE).map(id => `#${id}`)).filter(Boolean);
  const parts = roots.map(root => ({ root, visible: true, ...PARTS_OF_PAGE[root.id](root, page) }));
  const [main, controls] = find(document, 'main', '#controls');
  const linking = createLinking(main, page);
  createControls(controls, page);
  const widthOf = part => (part.box ?? part.root).clientWidth;

  function render() {
    waiting = false;
    view = { ...viewOf(run, trajectory, state, cache), pictureSize: parts[0].size() };
    // Widths are read before anything is written: in between, each reading would cost a new layout.
    const shown = parts.filter(part => part.visible).map(part => [part, widthOf(part)]);
    for (const [part, width] of shown) part.render(view, width);
    linking.refresh();
    writeAddress(state);
  }

  // Parts that are out of sight are drawn when they come into sight.
  const observer = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      const part = parts.find(({ root }) => root === target);
      if (isIntersecting && !part.visible) part.render(view, widthOf(part));
      part.visible = isIntersecting;
    }
    linking.refresh();
  }, { rootMargin: '200px' });
  for (const { root } of parts.slice(2)) observer.observe(root);
  new ResizeObserver(() => set({})).observe(main);
  on(window, 'hashchange', () => set(readAddress(run, axis)));
  on(matchMedia('(prefers-color-scheme: dark)'), 'change', () => {
    cache.palette = readPalette();
    set({});
  });
  render();
  return { ...page, state, render };
}

/// The address keeps the place, so that a link leads to it: report.html#update=7131&sample=12&unit=2&threshold=0.5
function readAddress(run, axis) {
  const most = { update: axis.updates[axis.last], sample: run.samples.count - 1, unit: run.network.hidden - 1 };
  const numbers = [...new URLSearchParams(location.hash.slice(1))].map(([name, text]) => [name, Number(text)]);
  return Object.fromEntries(numbers.filter(([name, value]) => (
    name === 'threshold' ? value > 0 && value < 1 : Number.isInteger(value) && value >= 0 && value <= most[name])));
}

let addressTimer = 0;

function writeAddress({ update, sample, unit, threshold }) {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    history.replaceState(null, '', `#${new URLSearchParams({ update, sample, unit, threshold })}`);
  }, 400);
}

/// Starts the page. If its data cannot be read, the still pictures stay and a sentence says why.
export function startPage() {
  const { classList } = document.documentElement;
  try {
    const run = readRun(JSON.parse(document.getElementById('run').textContent));
    classList.add('js');
    window.petal = createPage(run);
  } catch (error) {
    classList.remove('js');
    find(document, 'main')[0].prepend(make('p', { class: 'problem' }, `The moving parts cannot be shown: ${error.message}`));
  }
}

if (globalThis.document?.getElementById('run')) startPage();
