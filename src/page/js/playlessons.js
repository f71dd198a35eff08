// The panel of a lesson: its question, the answers to choose from, and, after a guess, what there is to see.

import { find, make, on, setText } from './dom.js';
import { LESSONS, stateOfLesson } from './lessons.js';

/// `open(state, update)` shows the state of a lesson, `changed(id)` is told which lesson is open.
export function createLessons(root, { start, open, changed }) {
  const [choice, body, question, answers, told, close] = find(root, 'select', '.lesson', '.question', '.answers', '.told', '[name=close]');
  choice.append(make('option', { value: '' }, 'choose a lesson'), ...LESSONS.map(({ id, title }) => make('option', { value: id }, title)));
  on(choice, 'input', () => show(choice.value));
  on(close, 'click', () => { show(''); choice.focus(); });

  function show(id) {
    const lesson = LESSONS.find(one => one.id === id);
    choice.value = lesson?.id ?? '';
    body.hidden = !lesson;
    changed(lesson?.id ?? null);
    if (!lesson) return;
    setText(question, lesson.ask);
    told.replaceChildren();
    answers.replaceChildren(...lesson.answers.map((text, i) => {
      const button = make('button', { type: 'button', 'aria-pressed': false }, text);
      on(button, 'click', () => guess(lesson, i));
      return button;
    }));
  }

  function guess(lesson, chosen) {
    [...answers.children].forEach((button, i) => {
      button.setAttribute('aria-pressed', i === chosen);
      button.classList.toggle('right', i === lesson.right);
    });
    const verdict = lesson.right === null ? [] : [make('p', {}, make('b', {}, chosen === lesson.right ? 'You guessed it.' : `The answer is: ${lesson.answers[lesson.right]}.`))];
    told.replaceChildren(...verdict, ...lesson.say.map(text => make('p', {}, text)));
    open(stateOfLesson(lesson, start()), lesson);
  }

  return { show };
}
