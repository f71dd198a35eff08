// The page's side of the talk with its server: a header with the token, JSON, and trainings that come line by line.

/// A training that a newer state waits for is ended after this time, in milliseconds. Before, it is finished and shown: where each change
/// ended the training before it, a dragged slider would show nothing at all.
const PATIENCE = 1500;

/// An answer that says what is wrong: `key` is the setting at fault, or null. Without a status there was no answer.
export class ServerError extends Error {
  constructor(message, { key = null, status = 0 } = {}) {
    super(message);
    Object.assign(this, { key, status });
  }
}

export function createClient(token) {
  async function ask(path, body, signal) {
    const headers = { 'X-Petal-Token': token, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
    let answer = null;
    try {
      answer = await fetch(path, { method: body === undefined ? 'GET' : 'POST', headers, body: JSON.stringify(body), signal, cache: 'no-store' });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new ServerError('the server does not answer');
    }
    if (answer.ok) return answer;
    const { error } = await answer.json().catch(() => ({ error: { message: `the server answers with status ${answer.status}` } }));
    throw new ServerError(shortened(error.message), { ...error, status: answer.status });
  }

  /// Trains, and hands over each line of the answer.
  async function train(state, onLine, signal) {
    const answer = await ask('/train', state, signal);
    let last = null;
    for await (const line of linesOf(answer.body)) {
      last = JSON.parse(line);
      if (last.error) throw new ServerError(shortened(last.error.message), { key: last.error.key, status: answer.status });
      onLine(last);
    }
    if (!last?.end) throw new ServerError('the server ended the training before its last line');
  }

  return {
    train,
    start: async () => (await ask('/start')).json(),
    table: async table => (await ask('/table', table)).json(),
    gradients: async (state, update, parameters) => (await ask('/gradients', { state, update, parameters })).json(),
    file: async (state, what) => {
      const answer = await ask('/file', { state, what });
      const name = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '');
      return { name: name?.[1] ?? what, blob: await answer.blob() };
    },
  };
}

/// A message that repeats a very long value, with its begin and its end.
function shortened(message) {
  return message.length <= 400 ? message : `${message.slice(0, 200)} … ${message.slice(-200)}`;
}

/// The lines of a stream of bytes.
async function* linesOf(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read().catch(error => {
      throw error.name === 'AbortError' ? error : new ServerError('the server ended the training before its last line');
    });
    const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
    rest = lines.pop();
    yield* lines.filter(Boolean);
    if (done) return;
  }
}

/// Trains one state after the other: always the latest one that was asked for, and never two at once, so that nothing older can come
/// after something newer. `train(state, signal)` resolves when a training has come, with a function that shows it, if it is to be shown,
/// and handles its own errors. While a training is shown, the next one is under way.
export function createQueue(train, patience = PATIENCE) {
  let [next, running] = [null, null];

  async function run() {
    let show = null;
    while (next || show) {
      const coming = next && begin();
      show?.();
      show = coming && await coming;
    }
    running = null;
  }

  function begin() {
    const state = next;
    next = null;
    running = { controller: new AbortController(), since: performance.now() };
    return train(state, running.controller.signal);
  }

  /// Ends a training that has been shown for a while, if a newer state waits.
  function hurry() {
    if (next && running && performance.now() - running.since >= patience) running.controller.abort();
  }

  return {
    ask(state) {
      next = state;
      if (!running) run();
      else setTimeout(hurry, Math.max(0, patience - (performance.now() - running.since)));
    },
    isBusy: () => running !== null,
  };
}
