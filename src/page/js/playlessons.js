// The lessons of the playground. The server sends them with their states.

import { find, make, on } from './dom.js';
import { createLessonPanel } from './lessonpanel.js';

/// `open(lesson, index)` shows the state of a run of a lesson, `changed(id)` is told which lesson is open.
export function createLessons(root, { open, changed }) {
  const [choice, body, close] = find(root, 'select', '.lesson', '[name=close]');
  const panel = createLessonPanel(body, open);
  let lessons = [];
  on(choice, 'input', () => show(choice.value));
  on(close, 'click', () => { show(''); choice.focus(); });

  /// Takes the lessons to choose from.
  function fill(list) {
    lessons = list;
    const open = choice.value;
    choice.replaceChildren(make('option', { value: '' }, 'choose a lesson'), ...lessons.map(({ id, title }) => make('option', { value: id }, title)));
    choice.value = open;
  }

  /// Opens a lesson, or none. Whether there is such a lesson.
  function show(id) {
    const lesson = lessons.find(one => one.id === id);
    choice.value = lesson?.id ?? '';
    body.hidden = !lesson;
    changed(lesson?.id ?? null);
    if (lesson) panel.ask(lesson);
    return lesson !== undefined;
  }

  /// Whether a lesson is open and a run of a lesson begins with these edited weights.
  function begin({ update, parameters }) {
    return update === 0 && !body.hidden && lessons.some(({ runs }) => runs.some(({ state: { fork } }) => String(fork?.parameters) === String(parameters)));
  }

  return { fill, show, begin };
}
