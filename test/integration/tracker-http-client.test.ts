import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { NodeHttpClient } from '../../src/node/http-client.ts';
import type { Failure } from '../../src/ports/failure.ts';
import type { HttpRequest, HttpResponse } from '../../src/ports/http.ts';
import { RecordingTracker } from '../support/recording-tracker.ts';
import { Scope } from '../support/scope.ts';

const LIMIT = 100_000;
const BODY = Buffer.from('d8:intervali1800e5:peers0:e');

test('an answer comes with its status, body and the address of the server', async (t) => {
  const url = await serve(t, (request, response) => {
    assert.equal(request.headers['user-agent'], 'Spate/test');
    assert.equal(request.headers['connection'], 'close');
    assert.equal(request.url, '/announce?info_hash=%00%FFabc&x=1');
    response.writeHead(404).end(BODY);
  });
  const response = await answerTo({ url: `${url}/announce?info_hash=%00%FFabc&x=1` });
  assert.equal(response.status, 404);
  assert.equal(response.remoteAddress, '127.0.0.1');
  assert.deepEqual(Buffer.from(response.body), BODY);
  assert.equal(response.body.constructor, Uint8Array);
});

test('gzip and both kinds of deflate are undone, and other encodings refused', async (t) => {
  const encodings = {
    gzip: gzipSync(BODY),
    'x-gzip': gzipSync(BODY),
    deflate: deflateSync(BODY),
    'Deflate ': deflateRawSync(BODY),
    identity: BODY,
    br: brotliCompressSync(BODY),
  };
  for (const [encoding, body] of Object.entries(encodings)) {
    const url = await serve(t, (_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(body),
    );
    if (encoding === 'br') assert.equal((await failureOf({ url })).code, 'unsupported');
    else assert.deepEqual(Buffer.from((await answerTo({ url })).body), BODY, encoding);
  }
});

test('a damaged or cut compressed body is a bad answer', async (t) => {
  for (const body of [gzipSync(BODY).subarray(0, 20), Buffer.from('no gzip at all'), Buffer.alloc(0)]) {
    const url = await serve(t, (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body),
    );
    if (body.length > 0) assert.equal((await failureOf({ url })).code, 'bad-answer');
    else assert.equal((await outcome({ url })).response?.body.length ?? 0, 0);
  }
});

test('a body at the limit passes, and one byte more is too large, compressed or not', async (t) => {
  for (const compress of [false, true]) {
    const respond =
      (length: number): RequestListener =>
      (_, response) => {
        const body = Buffer.alloc(length, 'a');
        if (compress) response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
        else response.end(body);
      };
    assert.equal((await answerTo({ url: await serve(t, respond(LIMIT)) })).body.length, LIMIT);
    assert.equal((await failureOf({ url: await serve(t, respond(LIMIT + 1)) })).code, 'too-large');
  }
});

test('a body without end is cut off', async (t) => {
  const url = await serve(t, (_, response) => {
    const chunk = Buffer.alloc(10_000);
    const more = (): void => {
      while (response.writable && response.write(chunk));
    };
    response.on('drain', more);
    response.on('error', () => {});
    more();
  });
  assert.equal((await failureOf({ url })).code, 'too-large');
});

test('redirects are followed up to the limit, relative ones too, and only to http and https', async (t) => {
  const respond =
    (location: (n: number) => string): RequestListener =>
    (request, response) => {
      const n = Number(request.url?.slice(1));
      if (n === 0) response.end(BODY);
      else response.writeHead(n % 2 === 0 ? 301 : 307, { location: location(n - 1) }).end('moved');
    };
  const relative = await serve(
    t,
    respond((n) => `/${n}`),
  );
  assert.deepEqual(Buffer.from((await answerTo({ url: `${relative}/3` })).body), BODY);
  assert.equal((await failureOf({ url: `${relative}/4` })).code, 'too-many-redirects');
  const elsewhere = await serve(
    t,
    respond(() => `${relative}/0`),
  );
  assert.deepEqual(Buffer.from((await answerTo({ url: `${elsewhere}/1` })).body), BODY);
  for (const location of ['file:///etc/passwd', 'udp://127.0.0.1:1/']) {
    const bad = await serve(
      t,
      respond(() => location),
    );
    assert.equal((await failureOf({ url: `${bad}/1` })).code, 'unsupported');
  }
});

test('user and password of the URL are sent', async (t) => {
  const url = await serve(t, (request, response) => response.end(request.headers.authorization));
  const { body } = await answerTo({ url: url.replace('://', '://me:p%40ss@') });
  assert.equal(Buffer.from(body).toString(), `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
});

test('silence before the answer and within the body ends with the time-out', async (t) => {
  const silent = await serve(t, () => {});
  assert.equal((await failureOf({ url: silent, timeoutMs: 100 })).code, 'timeout');
  const stalled = await serve(t, (_, response) =>
    response.writeHead(200, { 'content-length': 100 }).write('d'),
  );
  assert.equal((await failureOf({ url: stalled, timeoutMs: 100 })).code, 'timeout');
  const slow = createTcpServer(() => {}); // accepts and never speaks TLS
  await listening(t, slow);
  const { port } = slow.address() as AddressInfo;
  assert.equal((await failureOf({ url: `https://127.0.0.1:${port}/`, timeoutMs: 100 })).code, 'timeout');
});

test('what goes wrong has its code', async (t) => {
  const closed = createTcpServer((socket) => socket.destroy());
  await listening(t, closed);
  const garbage = createTcpServer((socket) => socket.end('SSH-2.0-nothing\r\n'));
  await listening(t, garbage);
  const cut = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('d');
    setImmediate(() => response.destroy());
  });
  const free = createTcpServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const { port: refusing } = free.address() as AddressInfo;
  await new Promise<void>((resolve) => free.close(() => resolve()));
  const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
  const cases: [string, string[]][] = [
    [`http://127.0.0.1:${refusing}/`, ['refused']],
    [`http://127.0.0.1:${portOf(closed)}/`, ['closed', 'reset']],
    [`http://127.0.0.1:${portOf(garbage)}/`, ['bad-answer']],
    [`https://127.0.0.1:${portOf(garbage)}/`, ['tls']],
    [cut, ['closed', 'reset']],
    ['ftp://127.0.0.1/', ['unsupported']],
    ['http://[', ['bad-answer']],
  ];
  for (const [url, codes] of cases) {
    const { code } = await failureOf({ url });
    assert.ok(codes.includes(code), `${url}: ${code}`);
  }
});

test('a request goes out from the local address that was asked for', async (t) => {
  const url = await serve(t, (request, response) => response.end(request.socket.remoteAddress));
  const { body } = await answerTo({ url, localAddress: '127.0.0.2' });
  assert.match(Buffer.from(body).toString(), /127\.0\.0\.2$/);
  assert.equal((await failureOf({ url, localAddress: '192.0.2.1' })).code, 'address-unavailable');
});

test('IPv6 works', async (t) => {
  const scope = new Scope({ after: (action) => t.after(action) });
  const tracker = await RecordingTracker.start(scope, { host: '::1' });
  assert.equal((await answerTo({ url: tracker.url })).remoteAddress, '::1');
});

test('after cancel the handler is not called and the connection is gone', async (t) => {
  let arrived = (): void => {};
  const asked = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let gone = (): void => {};
  const closed = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const url = await serve(t, (request) => {
    request.socket.on('close', gone);
    arrived();
  });
  const get = new NodeHttpClient('Spate/test').get(request({ url }), {
    onResponse: () => assert.fail('a response'),
    onFailure: () => assert.fail('a failure'),
  });
  await asked;
  get.cancel();
  await closed;
});

test('an HTTPS tracker is trusted only through NODE_EXTRA_CA_CERTS', async (t) => {
  const scope = new Scope({ after: (action) => t.after(action) });
  const tracker = await RecordingTracker.start(scope, { protocol: 'https' });
  tracker.reply = { peers: [], encoding: 'gzip' };
  assert.equal((await failureOf({ url: tracker.url })).code, 'tls');
  const module = new URL('../../src/node/http-client.ts', import.meta.url);
  const script = `
    const { NodeHttpClient } = await import(${JSON.stringify(module.href)});
    const request = ${JSON.stringify(request({ url: tracker.url }))};
    new NodeHttpClient('Spate/test').get(request, {
      onResponse: ({ status, remoteAddress, body }) => console.log(status, remoteAddress, String.fromCharCode(body[0])),
      onFailure: (failure) => console.log(JSON.stringify(failure)),
    });`;
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: RecordingTracker.caFile };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env,
  });
  assert.equal(stdout.trim(), '200 127.0.0.1 d');
});

function request(fields: Partial<HttpRequest> & { url: string }): HttpRequest {
  return { timeoutMs: 5000, maxBodyBytes: LIMIT, maxRedirects: 3, localAddress: null, ...fields };
}

interface Outcome {
  readonly response: HttpResponse | null;
  readonly failure: Failure | null;
}

function outcome(fields: Partial<HttpRequest> & { url: string }): Promise<Outcome> {
  return new Promise((resolve) => {
    let isInside = true;
    const end = (outcome: Outcome): void => {
      assert.ok(!isInside, 'the handler is not called from inside get');
      resolve(outcome);
    };
    new NodeHttpClient('Spate/test').get(request(fields), {
      onResponse: (response) => end({ response, failure: null }),
      onFailure: (failure) => end({ response: null, failure }),
    });
    isInside = false;
  });
}

async function answerTo(fields: Partial<HttpRequest> & { url: string }): Promise<HttpResponse> {
  const { response, failure } = await outcome(fields);
  assert.ok(response !== null, JSON.stringify(failure));
  return response;
}

async function failureOf(fields: Partial<HttpRequest> & { url: string }): Promise<Failure> {
  const { failure } = await outcome(fields);
  assert.ok(failure !== null, 'a failure is expected');
  return failure;
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await listening(t, server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function listening(t: TestContext, server: Server | ReturnType<typeof createTcpServer>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    else server.unref();
  });
}
