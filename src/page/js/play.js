// The page of the playground.

const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
history.replaceState(null, '', location.pathname);

async function ask(path, body) {
  const headers = { 'X-Petal-Token': token };
  if (body === undefined) return fetch(path, { headers });
  return fetch(path, { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

async function trainOnce() {
  const state = await (await ask('/start')).json();
  const answer = await ask('/train', state);
  document.getElementById('lines').textContent = await answer.text();
}

trainOnce();
