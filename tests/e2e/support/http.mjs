// Requests as the tests read them: { status, headers, text }, and for JSON also the parsed { body }.

export async function request(url, options = {}) {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000), ...options });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export const getJson = (url, headers = {}) => withBody(request(url, { headers }));
export const putJson = (url, body, headers = {}) => withBody(send('PUT', url, body, headers));
/// `patience` in ms, after which it rejects.
export const postJson = (url, body, headers = {}, patience = 30_000) => withBody(send('POST', url, body, headers, patience));

/// A string goes out as it is, anything else as its JSON.
function send(method, url, body, headers, patience = 30_000) {
  return request(url, {
    method,
    signal: AbortSignal.timeout(patience),
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function withBody(sent) {
  const answer = await sent;
  const isJson = /[/+]json/.test(answer.headers.get('content-type') ?? '');
  return { ...answer, body: isJson && answer.text !== '' ? JSON.parse(answer.text) : undefined };
}
