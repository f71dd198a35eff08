// The page of a lesson on a web site: its runs are in the page, and nothing is trained there. Its data, beside what run.js describes:
//
//     format   1
//     lesson   { id, title, ask, answers, right: the index of an answer or null, say: paragraphs of pairs [element or "", text],
//                update: where to look or null, unit: the hidden unit to look at or null }
//     data     [{ classes, inputs, samples, slices }]
//     runs     [{ name, data: the index of its data set, notes: sentences, network, training, frames, history, threshold, divergence }]

import { find, make } from './dom.js';
import { createLessonPanel } from './lessonpanel.js';
import { showNotes } from './notes.js';
import { grouped } from './numbers.js';
import { createScreen } from './playscreen.js';
import { readRun } from './run.js';

/// Builds the page in the elements of play.html. What it returns is for tests.
export function createLessonPage({ format, lesson, data, runs }) {
  const [root, stage, notes] = find(document, '#lessons', '.stage-area', '#notes');
  const screen = createScreen({ onView() {} });
  const read = new Map();

  function show({ update, unit }, index, isGuess) {
    const run = read.get(index) ?? readRun({ format, ...data[runs[index].data], ...runs[index] });
    read.set(index, run);
    stage.hidden = false;
    if (isGuess && unit !== null) screen.state.unit = unit;
    screen.show(run, { update: isGuess ? update ?? run.training.kept_update : undefined });
    const diverged = run.divergence ? [`Training diverged at update ${grouped(run.divergence.update)}.`] : [];
    showNotes(notes, [...diverged, ...runs[index].notes]);
  }

  createLessonPanel(root, show).ask({ ...lesson, runs });
  return { screen, view: screen.view };
}

/// Starts the page. If its data cannot be read, the text stays and a sentence says why.
export function startLessonPage() {
  const { classList } = document.documentElement;
  try {
    const data = JSON.parse(document.getElementById('run').textContent);
    classList.add('js');
    window.petal = createLessonPage(data);
  } catch (error) {
    classList.remove('js');
    find(document, 'main')[0].prepend(make('p', { class: 'problem' }, `The moving parts cannot be shown: ${error.message}`));
  }
}

if (globalThis.document?.getElementById('run')) startLessonPage();
