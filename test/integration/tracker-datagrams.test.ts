import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { type TestContext, test } from 'node:test';
import type { Endpoint } from '../../src/base/endpoint.ts';
import { NodeDatagrams } from '../../src/node/datagrams.ts';
import type { DatagramSocket } from '../../src/ports/datagram.ts';
import type { Failure } from '../../src/ports/failure.ts';

const ANY_PORT = 0;

for (const address of ['127.0.0.1', '::1']) {
  test(`datagrams go both ways over ${address}, those of before the socket is bound too`, async (t) => {
    const echo = createSocket({ type: address === '::1' ? 'udp6' : 'udp4' });
    t.after(() => echo.close());
    echo.on('message', (bytes, from) => echo.send(Buffer.concat([bytes, bytes]), from.port, from.address));
    await new Promise<void>((resolve) => echo.bind(0, address, resolve));
    const { socket, next } = open(t, { address, port: ANY_PORT });
    const bytes = Uint8Array.from([1, 2]);
    socket.send(bytes, { address, port: echo.address().port });
    bytes.fill(9); // the socket took them at once
    const first = await next();
    assert.deepEqual(first.from, { address, port: echo.address().port });
    assert.deepEqual(first.bytes, Uint8Array.from([1, 2, 1, 2]));
    assert.equal(first.bytes.constructor, Uint8Array);
    socket.send(Uint8Array.from([7]), { address, port: echo.address().port });
    assert.deepEqual((await next()).bytes, Uint8Array.from([7, 7]));
  });
}

test('a socket of any address sends to every address of its family', async (t) => {
  const { socket } = open(t, { address: '::', port: ANY_PORT });
  const peer = createSocket('udp6');
  t.after(() => peer.close());
  const received = new Promise<void>((resolve) => peer.once('message', () => resolve()));
  await new Promise<void>((resolve) => peer.bind(0, '::1', resolve));
  socket.send(Uint8Array.from([1]), { address: '::1', port: peer.address().port });
  await received;
});

test('an address that is taken or not ours is one failure', async (t) => {
  const taken = createSocket('udp4');
  t.after(() => taken.close());
  await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve));
  const busy = open(t, { address: '127.0.0.1', port: taken.address().port });
  assert.equal((await busy.failure).code, 'address-in-use');
  busy.socket.send(Uint8Array.from([1]), { address: '127.0.0.1', port: 9 }); // dead, and harmless
  busy.socket.close();
  const foreign = open(t, { address: '192.0.2.1', port: ANY_PORT });
  assert.equal((await foreign.failure).code, 'address-unavailable');
});

test('a send that cannot arrive is lost without a word, and the socket lives on', async (t) => {
  const { socket, next, failure } = open(t, { address: '127.0.0.1', port: ANY_PORT });
  void failure.then(() => assert.fail('the socket failed'));
  const echo = createSocket('udp4');
  t.after(() => echo.close());
  echo.on('message', (bytes, from) => echo.send(bytes, from.port, from.address));
  await new Promise<void>((resolve) => echo.bind(0, '127.0.0.1', resolve));
  socket.send(new Uint8Array(70_000), { address: '127.0.0.1', port: echo.address().port }); // too long for UDP
  socket.send(Uint8Array.from([1]), { address: '192.0.2.1', port: 9 }); // no way from a loopback address
  socket.send(Uint8Array.from([2]), { address: '127.0.0.1', port: echo.address().port });
  assert.deepEqual((await next()).bytes, Uint8Array.from([2]));
});

interface Received {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
}

function open(
  t: TestContext,
  local: Endpoint,
): {
  socket: DatagramSocket;
  next(): Promise<Received>;
  failure: Promise<Failure>;
} {
  const waiting: ((received: Received) => void)[] = [];
  const arrived: Received[] = [];
  let fail: (failure: Failure) => void = () => {};
  const failure = new Promise<Failure>((resolve) => {
    fail = resolve;
  });
  const socket = new NodeDatagrams().open(local, {
    onDatagram(bytes, from) {
      const received = { bytes: bytes.slice(), from };
      const wants = waiting.shift();
      if (wants === undefined) arrived.push(received);
      else wants(received);
    },
    onFailure: (reason) => fail(reason),
  });
  t.after(() => socket.close());
  const next = (): Promise<Received> => {
    const received = arrived.shift();
    return received === undefined
      ? new Promise((resolve) => waiting.push(resolve))
      : Promise.resolve(received);
  };
  return { socket, next, failure };
}
