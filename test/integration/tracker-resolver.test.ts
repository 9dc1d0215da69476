import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Lookup, NodeResolver } from '../../src/node/resolver.ts';
import type { Failure } from '../../src/ports/failure.ts';
import type { Cancellable } from '../../src/ports/resolver.ts';

test('an address resolves to itself in canonical form, later', async () => {
  const resolver = new NodeResolver(() => assert.fail('no lookup for an address'));
  assert.deepEqual(await resolved(resolver, '127.0.0.1'), ['127.0.0.1']);
  assert.deepEqual(await resolved(resolver, '2001:DB8:0::1'), ['2001:db8::1']);
});

test('localhost resolves with the system to loopback addresses', async () => {
  const addresses = await resolved(new NodeResolver(), 'localhost');
  assert.ok(addresses.length > 0);
  for (const address of addresses) assert.ok(['127.0.0.1', '::1'].includes(address), address);
});

test('a name that does not exist is not found', async () => {
  const answers: [string | null, Failure['code']][] = [
    ['ENOTFOUND', 'not-found'],
    ['EAI_AGAIN', 'unreachable'],
    ['EMFILE', 'too-many-open-files'],
    ['ESOMETHING', 'other'],
    [null, 'not-found'], // an answer without addresses
  ];
  for (const [code, expected] of answers) {
    const lookup: Lookup = (_, done) =>
      setImmediate(() => done(code === null ? null : Object.assign(new Error(code), { code }), []));
    assert.equal(await failed(new NodeResolver(lookup), 'nowhere.example'), expected);
  }
});

test('addresses come once each, in the order of the system, whatever form they have', async () => {
  const texts = ['2001:db8::1', '192.0.2.1', '2001:DB8::0:1', '::ffff:192.0.2.2', 'fe80::1%eth0'];
  const resolver = new NodeResolver((_, done) =>
    setImmediate(() =>
      done(
        null,
        texts.map((address) => ({ address, family: 4 })),
      ),
    ),
  );
  assert.deepEqual(await resolved(resolver, 'many.example'), ['2001:db8::1', '192.0.2.1', '192.0.2.2']);
});

test('silent name servers cost three lookups at a time, a time-out each, and one lookup a name', async () => {
  const running: { host: string; done: Parameters<Lookup>[1] }[] = [];
  const resolver = new NodeResolver((host, done) => running.push({ host, done }));
  const outcomes = ['a', 'a', 'b', 'c', 'd', 'e'].map((host) => failed(resolver, host, 20));
  assert.deepEqual(
    running.map(({ host }) => host),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(new Set(await Promise.all(outcomes)), new Set(['timeout']));
  const last = resolved(resolver, 'f');
  running[0]!.done(null, [{ address: '192.0.2.1', family: 4 }]); // late: nobody listens, but the place is free
  assert.equal(running[3]?.host, 'f', 'names that nobody waits for any more are passed over');
  running[3]!.done(null, [{ address: '192.0.2.2', family: 4 }]);
  assert.deepEqual(await last, ['192.0.2.2']);
});

test('after cancel nothing is called', async () => {
  let answer: Parameters<Lookup>[1] | null = null;
  const resolver = new NodeResolver((_, done) => {
    answer = done;
  });
  const never = { onResolved: () => assert.fail('resolved'), onFailure: () => assert.fail('failed') };
  const questions: Cancellable[] = [resolver.resolve('a', 1, never), resolver.resolve('192.0.2.1', 1, never)];
  for (const question of questions) question.cancel();
  assert.ok(answer !== null);
  (answer as Parameters<Lookup>[1])(null, [{ address: '192.0.2.1', family: 4 }]);
  await new Promise((resolve) => setTimeout(resolve, 5)); // beyond the time-out that was cancelled
});

function resolved(resolver: NodeResolver, host: string, timeoutMs = 5000): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    let isInside = true;
    resolver.resolve(host, timeoutMs, {
      onResolved: (addresses) => {
        assert.ok(!isInside);
        resolve(addresses);
      },
      onFailure: (failure) => reject(new Error(failure.code)),
    });
    isInside = false;
  });
}

function failed(resolver: NodeResolver, host: string, timeoutMs = 5000): Promise<Failure['code']> {
  return new Promise((resolve, reject) => {
    resolver.resolve(host, timeoutMs, {
      onResolved: (addresses) => reject(new Error(addresses.join())),
      onFailure: (failure) => resolve(failure.code),
    });
  });
}
