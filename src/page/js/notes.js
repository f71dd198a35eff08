// The sentences below the picture.

import { make } from './dom.js';

/// Shows sentences as the items of a list, which is hidden where there are none. What a sentence has in backticks is code.
export function showNotes(list, sentences) {
  list.replaceChildren(...sentences.map(sentence => make('li', {}, ...withCode(sentence))));
  list.hidden = !sentences.length;
}

/// The parts of a text, as texts and elements. A backtick without a second one stays.
const withCode = text => text.split(/`([^`]+)`/).map((part, i) => (i % 2 ? make('code', {}, part) : part));
