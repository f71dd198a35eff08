// The panel of a lesson: its question, the answers to choose from and, after a guess, what there is to see, and runs to compare.

import { find, make, on, setText } from './dom.js';

/// `root` has the places of these. `show(lesson, index, isGuess)` shows a run of the lesson: after the guess the first
/// one at the place to look at, later others, where the place on the axis of time stays. Returns { ask(lesson) }.
export function createLessonPanel(root, show) {
  const [question, answers, told, runs] = find(root, '.question', '.answers', '.told', '.runs');
  const button = (text, act) => {
    const element = make('button', { type: 'button', 'aria-pressed': false }, text);
    on(element, 'click', act);
    return element;
  };
  const press = (buttons, chosen) => [...buttons.children].forEach((element, i) => element.setAttribute('aria-pressed', i === chosen));

  function ask(lesson) {
    setText(question, lesson.ask);
    told.replaceChildren();
    answers.replaceChildren(...lesson.answers.map((text, i) => button(text, () => guess(lesson, i))));
    runs.hidden = true;
    runs.replaceChildren(...lesson.runs.map(({ name }, i) => button(name, () => compare(lesson, i, false))));
  }

  function guess(lesson, chosen) {
    press(answers, chosen);
    answers.children[lesson.right]?.classList.add('right');
    const verdict = chosen === lesson.right ? 'You guessed it.' : `The answer is: ${lesson.answers[lesson.right]}.`;
    told.replaceChildren(
      ...(lesson.right === null ? [] : [make('p', {}, make('b', {}, verdict))]),
      ...lesson.say.map(pieces => make('p', {}, ...pieces.map(([tag, text]) => (tag ? make(tag, {}, text) : text)))),
    );
    runs.hidden = lesson.runs.length < 2;
    compare(lesson, 0, true);
  }

  function compare(lesson, index, isGuess) {
    press(runs, index);
    show(lesson, index, isGuess);
  }

  return { ask };
}
