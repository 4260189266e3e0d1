// A namespace's service as the tests hold it: says who may enter which room, or misbehaves.
import http from 'node:http';

/// `answer(path)` gives a status, or "hang" for none at all. Every path that was asked for stands in `asked`.
export async function startAcl() {
  const acl = { asked: [], answer: () => 204 };
  const server = http.createServer((request, response) => {
    acl.asked.push(request.url);
    const status = acl.answer(request.url);
    if (status === 'hang') return;
    response.writeHead(status, status === 302 ? { location: `${acl.url}/elsewhere` } : {});
    response.end();
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  acl.url = `http://127.0.0.1:${server.address().port}`;
  acl.stop = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections?.(); });
  return acl;
}
