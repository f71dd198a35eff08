// The axis of time, which the slider, the film strip and the curves share: the frames at equal distances. Their updates are
// spaced as cubes, so that the early ones, where most is learned, have room.

import { frameAtOrBefore } from './training.js';
import { grouped } from './numbers.js';

/// The radius of the slider's thumb in pixels: the track of a slider begins and ends this far inside it.
export const INSET = 11;

export function createAxis(updates) {
  const last = updates.length - 1;

  /// The position of an update in frames: 2.5 lies half-way between frames 2 and 3.
  function position(update) {
    const index = frameAtOrBefore(updates, update);
    if (index === last) return last;
    return index + Math.max(0, (update - updates[index]) / (updates[index + 1] - updates[index]));
  }

  /// The update of the frame that is nearest to a share of the axis from 0 to 1.
  function nearest(share) {
    return updates[Math.round(Math.min(1, Math.max(0, share)) * last)];
  }

  const share = update => (last ? position(update) / last : 0);
  return {
    updates, last, position, nearest, share,
    /// The place of an update on an axis that is this wide, in pixels, and the update that is nearest to a place.
    place: (update, width) => INSET + share(update) * (width - 2 * INSET),
    updateAt: (x, width) => nearest((x - INSET) / (width - 2 * INSET)),
  };
}

/// Updates to write below an axis of this width, at least `gap` pixels apart: the first and the last, then round numbers.
export function axisLabels(axis, width, gap) {
  const [first, end] = [axis.updates[0], axis.updates[axis.last]];
  const powers = Array.from({ length: 12 }, (_, i) => 10 ** (11 - i));
  const candidates = [first, end, ...powers.flatMap(power => [1, 2, 4, 6, 8, 5, 3].map(factor => factor * power))];
  const labels = [];
  for (const update of candidates) {
    if (update < first || update > end) continue;
    const x = axis.place(update, width);
    if (labels.every(label => Math.abs(label.x - x) >= gap)) labels.push({ update, x, text: grouped(update) });
  }
  return labels.sort((a, b) => a.x - b.x);
}
