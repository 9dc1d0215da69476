/**
 * Owns the conformance suite of the `Transport` port: each clause of the contract in `src/ports/transport.ts` as tests,
 * run against the real and the simulated implementation. It knows no socket and no clock: the world is advanced by its
 * factory.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  assertSameBytes,
  MEBIBYTE,
  pattern,
  type Side,
  Stage,
  type TransportWorld,
} from './transport-stage.ts';

export type { TransportWorld } from './transport-stage.ts';

/** Runs the suite; `create` makes a fresh world for each test. */
export function transportConformance(name: string, create: () => Promise<TransportWorld>): void {
  const check: Check = (title, body) => {
    test(title, async (context) => {
      const stage = new Stage(await create());
      try {
        await body(stage, context);
      } finally {
        await stage.finish();
      }
    });
  };
  describe(`the ${name} transport`, () => {
    connecting(check);
    failing(check);
    data(check);
    flow(check);
    ending(check);
    listening(check);
  });
}

type Check = (title: string, body: (stage: Stage, context: TestContext) => Promise<void>) => void;

function connecting(check: Check): void {
  check('connects a dialled and an accepted side, which know each other by address', async (stage) => {
    const accepted: Side[] = [];
    const listener = await stage.listen({ address: stage.world.farAddress, port: 0 }, accepted);
    assert.equal(listener.local.address, stage.world.farAddress);
    assert.ok(listener.local.port > 0, 'a free port was chosen');
    const dialled = stage.dial(listener.local);
    await stage.world.advanceUntil(() => dialled.isConnected && accepted.length === 1);
    assert.deepEqual(dialled.connection.remote, listener.local);
    assert.equal(accepted[0]!.connection.remote.address, stage.world.nearAddress);
    assert.ok(accepted[0]!.connection.remote.port > 0);
    assert.equal(accepted[0]!.isConnected, false, 'onConnected is for who dialled');
  });

  check('connects over IPv6', async (stage, context) => {
    const address = stage.world.farAddressIPv6;
    if (address === null) {
      context.skip('this world has no IPv6');
      return;
    }
    const [dialled, accepted] = await stage.pair(address);
    dialled.write(pattern(100));
    await stage.world.advanceUntil(() => accepted.receivedBytes === 100);
    assert.ok(accepted.connection.remote.address.includes(':'));
  });

  check('a listener on :: accepts IPv4 too, and gives the address as IPv4', async (stage) => {
    const accepted: Side[] = [];
    const listener = await stage.listen({ address: '::', port: 0 }, accepted);
    const dialled = stage.dial({ address: stage.world.farAddress, port: listener.local.port });
    await stage.world.advanceUntil(() => dialled.isConnected && accepted.length === 1);
    assert.equal(accepted[0]!.connection.remote.address, stage.world.nearAddress);
  });

  check('dials from the local address that is asked for', async (stage) => {
    const accepted: Side[] = [];
    const listener = await stage.listen({ address: stage.world.farAddress, port: 0 }, accepted);
    stage.dial(listener.local, { localAddress: stage.world.nearAddress });
    await stage.world.advanceUntil(() => accepted.length === 1);
    assert.equal(accepted[0]!.connection.remote.address, stage.world.nearAddress);
  });

  check('keeps many connections apart', async (stage) => {
    const accepted: Side[] = [];
    const listener = await stage.listen({ address: stage.world.farAddress, port: 0 }, accepted);
    const dialled = Array.from({ length: 20 }, () => stage.dial(listener.local));
    await stage.world.advanceUntil(() => accepted.length === 20 && dialled.every((side) => side.isConnected));
    for (const [i, side] of dialled.entries()) side.write(pattern(40_000, i));
    await stage.world.advanceUntil(() => accepted.every((side) => side.receivedBytes === 40_000));
    const firstBytes = accepted.map((side) => side.bytes()[0]!).sort((a, b) => a - b);
    assert.deepEqual(firstBytes, [...firstBytes.keys()]);
    for (const side of accepted) assertSameBytes(side.bytes(), pattern(40_000, side.bytes()[0]));
  });
}

function failing(check: Check): void {
  check('a refused dial ends with refused, and was never connected', async (stage) => {
    const side = stage.dial(await stage.unusedEndpoint());
    assert.equal(side.isClosed, false, 'dial returns before it fails');
    await stage.closed(side);
    assert.equal(side.code, 'refused');
    assert.deepEqual(side.calls, ['closed']);
  });

  check('a dial that nobody answers ends with timeout', async (stage) => {
    const side = stage.dial(await stage.world.silentEndpoint(), { timeoutMs: 200 });
    await stage.closed(side);
    assert.equal(side.code, 'timeout');
    assert.deepEqual(side.calls, ['closed']);
  });

  check(
    'a dial from an address that this machine does not have ends with address-unavailable',
    async (stage) => {
      const side = stage.dial(await stage.unusedEndpoint(), { localAddress: stage.world.foreignAddress });
      await stage.closed(side);
      assert.equal(side.code, 'address-unavailable');
    },
  );

  check('a dial that is aborted at once ends with aborted', async (stage) => {
    const listener = await stage.listen({ address: stage.world.farAddress, port: 0 }, []);
    const side = stage.dial(listener.local);
    side.abort();
    assert.equal(side.isClosed, false, 'abort returns before onClosed');
    await stage.closed(side);
    assert.equal(side.code, 'aborted');
    assert.deepEqual(side.calls, ['closed']);
  });

  check('a dial that is aborted before it was going to fail ends with aborted once', async (stage) => {
    const side = stage.dial(await stage.unusedEndpoint());
    side.abort();
    await stage.closed(side);
    await stage.world.settle();
    assert.deepEqual([side.code, side.calls], ['aborted', ['closed']]);
  });

  check('a refused connection is closed for who dialled', async (stage) => {
    const listener = await stage.listen({ address: stage.world.farAddress, port: 0 }, [], true);
    const side = stage.dial(listener.local);
    await stage.closed(side);
    assert.ok(['closed', 'reset', 'refused'].includes(side.code), side.code);
  });
}

function data(check: Check): void {
  check('bytes arrive both ways, in order, each once', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    const there = pattern(3 * MEBIBYTE + 1, 1);
    const back = pattern(2 * MEBIBYTE + 3, 2);
    for (let at = 0; at < there.length; at += 100_000) dialled.write(there.subarray(at, at + 100_000));
    for (let at = 0; at < back.length; at += 70_000) accepted.write(back.subarray(at, at + 70_000));
    await stage.world.advanceUntil(
      () => accepted.receivedBytes >= there.length && dialled.receivedBytes >= back.length,
    );
    await stage.world.settle();
    assertSameBytes(accepted.bytes(), there);
    assertSameBytes(dialled.bytes(), back);
  });

  check('write takes the bytes at once: the array may be reused', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    const array = new Uint8Array(1000);
    for (let i = 0; i < 200; i++) {
      array.fill(i);
      dialled.write(array);
      array.fill(0xff);
    }
    await stage.world.advanceUntil(() => accepted.receivedBytes === 200_000);
    assertSameBytes(
      accepted.bytes(),
      Uint8Array.from({ length: 200_000 }, (_, i) => Math.floor(i / 1000)),
    );
  });

  check('shared memory can be written', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    const shared = new Uint8Array(new SharedArrayBuffer(5000));
    shared.set(pattern(5000));
    dialled.write(shared);
    await stage.world.advanceUntil(() => accepted.receivedBytes === 5000);
    assertSameBytes(accepted.bytes(), pattern(5000));
  });

  check('writing nothing is harmless', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    dialled.write(new Uint8Array(0));
    assert.equal(dialled.connection.unsentBytes, 0);
    await stage.world.settle();
    assert.equal(accepted.dataCalls, 0);
    assert.equal(dialled.drainedCount, 0);
  });
}

function flow(check: Check): void {
  for (const who of ['dialled', 'accepted'] as const) {
    check(
      `after setReading(false) the ${who} side gets at most one more call, and later all bytes`,
      async (stage) => {
        const [dialled, accepted] = await stage.pair();
        const [reader, writer] = who === 'dialled' ? [dialled, accepted] : [accepted, dialled];
        const sent = pattern(4 * MEBIBYTE);
        let stoppedAt = -1;
        reader.whenData = () => {
          if (stoppedAt >= 0) return;
          stoppedAt = reader.dataCalls;
          reader.setReading(false);
        };
        writer.write(sent);
        await stage.world.advanceUntil(() => stoppedAt >= 0);
        await stage.world.settle();
        assert.ok(reader.dataCalls <= stoppedAt + 1, `${reader.dataCalls - stoppedAt} more calls`);
        assert.ok(reader.receivedBytes < sent.length);
        reader.setReading(true);
        await stage.world.advanceUntil(() => reader.receivedBytes === sent.length);
        assertSameBytes(reader.bytes(), sent);
      },
    );

    check(`setReading asked twice is asked once (${who})`, async (stage) => {
      const [dialled, accepted] = await stage.pair();
      const [reader, writer] = who === 'dialled' ? [dialled, accepted] : [accepted, dialled];
      reader.setReading(false);
      reader.setReading(false);
      await stage.world.settle();
      writer.write(pattern(1000));
      await stage.world.settle();
      assert.ok(reader.dataCalls <= 1);
      reader.setReading(true);
      reader.setReading(true);
      await stage.world.advanceUntil(() => reader.receivedBytes === 1000);
      assertSameBytes(reader.bytes(), pattern(1000));
    });
  }

  check(
    'unsent bytes count until the system takes them, and onDrained follows when they are gone',
    async (stage) => {
      const [dialled, accepted] = await stage.pair();
      accepted.setReading(false);
      dialled.write(pattern(1000));
      assert.equal(dialled.connection.unsentBytes, 1000, 'nothing is sent within the call');
      const bulkBytes = stage.writeBulk(dialled);
      await stage.world.settle();
      assert.ok(dialled.connection.unsentBytes > 0, 'the reader holds the writer back');
      assert.equal(dialled.drainedCount, 0);
      accepted.setReading(true);
      await stage.world.advanceUntil(() => dialled.drainedCount > 0);
      assert.equal(dialled.connection.unsentBytes, 0);
      await stage.world.advanceUntil(() => accepted.receivedBytes === 1000 + bulkBytes);
      await stage.world.settle();
      assert.equal(dialled.drainedCount, 1, 'it fell to zero once');
    },
  );

  check('blocks are sent behind their heads, in order with writes, and come back', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    const blocks = [
      new Uint8Array(16_384).fill(1),
      new Uint8Array(16_384).fill(2),
      new Uint8Array(5).fill(3),
    ];
    const head = Uint8Array.of(9);
    for (const [index, block] of blocks.entries()) {
      head[0] = 90 + index;
      dialled.writeBlock(head, block);
    }
    head[0] = 99;
    dialled.write(head);
    head[0] = 0;
    const total = 16_385 * 2 + 6 + 1;
    await stage.world.advanceUntil(() => accepted.receivedBytes === total && dialled.blocksBack === 3);
    const bytes = accepted.bytes();
    assert.deepEqual([bytes[0], bytes[16_385], bytes[32_770], bytes[total - 1]], [90, 91, 92, 99]);
    assert.deepEqual([bytes[1], bytes[16_384], bytes[16_386], bytes[32_771]], [1, 1, 2, 3]);
  });

  check('a block may change when it has come back', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    const block = new Uint8Array(16_384);
    const head = Uint8Array.of(0);
    for (let round = 1; round <= 20; round++) {
      block.fill(round);
      dialled.writeBlock(head, block);
      await stage.world.advanceUntil(() => dialled.blocksBack === round);
      block.fill(0xee);
    }
    await stage.world.advanceUntil(() => accepted.receivedBytes === 20 * 16_385);
    const bytes = accepted.bytes();
    for (let round = 1; round <= 20; round++) assert.equal(bytes[round * 16_385 - 1], round);
  });

  check('blocks that did not come back before the end come back with it, not later', async (stage) => {
    const [dialled] = await stage.pair();
    for (let i = 0; i < 50; i++) dialled.writeBlock(Uint8Array.of(0), new Uint8Array(16_384));
    dialled.abort();
    await stage.world.advanceUntil(() => dialled.isClosed);
    const { blocksBack } = dialled;
    await stage.world.settle();
    assert.equal(dialled.blocksBack, blocksBack);
  });

  check('a small write is drained too', async (stage) => {
    const [dialled] = await stage.pair();
    dialled.write(pattern(10));
    assert.equal(dialled.connection.unsentBytes, 10);
    await stage.world.advanceUntil(() => dialled.drainedCount === 1);
    assert.equal(dialled.connection.unsentBytes, 0);
  });
}

function ending(check: Check): void {
  check(
    'end sends what was written; one side gets aborted, the other all bytes and closed',
    async (stage) => {
      for (const size of [0, 1, 2 * MEBIBYTE]) {
        const [dialled, accepted] = await stage.pair();
        dialled.write(pattern(size));
        dialled.end();
        assert.equal(dialled.isClosed, false, 'end returns before onClosed');
        await stage.closed(dialled, accepted);
        assert.deepEqual([dialled.code, accepted.code], ['aborted', 'closed']);
        assertSameBytes(accepted.bytes(), pattern(size));
      }
    },
  );

  check('the accepted side ends likewise', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    accepted.write(pattern(MEBIBYTE));
    accepted.end();
    await stage.closed(dialled, accepted);
    assert.deepEqual([dialled.code, accepted.code], ['closed', 'aborted']);
    assertSameBytes(dialled.bytes(), pattern(MEBIBYTE));
  });

  check('end delivers also while the other side keeps writing', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    accepted.whenData = () => {
      if (!accepted.isClosed) accepted.write(pattern(10_000));
    };
    for (let i = 0; i < 20; i++) accepted.write(pattern(50_000));
    dialled.write(pattern(MEBIBYTE));
    dialled.end();
    await stage.closed(dialled, accepted);
    assertSameBytes(accepted.bytes(), pattern(MEBIBYTE));
    assert.equal(accepted.code, 'closed');
  });

  check('end delivers also where its side had stopped reading', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    dialled.setReading(false);
    accepted.write(pattern(MEBIBYTE, 1));
    await stage.world.settle();
    dialled.write(pattern(MEBIBYTE));
    dialled.end();
    await stage.closed(dialled, accepted);
    assertSameBytes(accepted.bytes(), pattern(MEBIBYTE));
    assert.equal(accepted.code, 'closed');
  });

  check('abort ends both sides, each told once', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    dialled.abort();
    assert.equal(dialled.isClosed, false, 'abort returns before onClosed');
    await stage.closed(dialled, accepted);
    assert.equal(dialled.code, 'aborted');
    assert.ok(['closed', 'reset'].includes(accepted.code), accepted.code);
  });

  check('after abort nothing comes but onClosed', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    accepted.write(pattern(4 * MEBIBYTE));
    dialled.write(pattern(10));
    await stage.world.advanceUntil(() => dialled.dataCalls > 0);
    dialled.abort();
    const { dataCalls, drainedCount } = dialled;
    await stage.closed(dialled, accepted);
    assert.deepEqual([dialled.dataCalls, dialled.drainedCount], [dataCalls, drainedCount]);
  });

  check('abort from inside onData stops the data', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    dialled.whenData = () => dialled.abort();
    accepted.write(pattern(4 * MEBIBYTE));
    await stage.closed(dialled, accepted);
    assert.equal(dialled.dataCalls, 1);
    assert.equal(dialled.code, 'aborted');
  });

  check('to end and abort, again, after the end and in any order is harmless', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    dialled.end();
    dialled.abort();
    dialled.abort();
    dialled.end();
    await stage.closed(dialled, accepted);
    dialled.end();
    dialled.abort();
    dialled.setReading(false);
    dialled.write(pattern(10));
    assert.equal(dialled.connection.unsentBytes, 0);
    await stage.world.settle();
    assert.equal(dialled.calls.filter((call) => call === 'closed').length, 1);
  });

  check('an abort overtakes an end that cannot finish', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    accepted.setReading(false);
    stage.writeBulk(dialled);
    dialled.end();
    await stage.world.settle();
    assert.equal(dialled.isClosed, false, 'still sending');
    dialled.abort();
    await stage.closed(dialled);
    assert.equal(dialled.code, 'aborted');
  });

  check('what came before the end is delivered before onClosed, also after a pause', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    dialled.setReading(false);
    accepted.write(pattern(5000));
    accepted.end();
    await stage.closed(accepted);
    await stage.world.settle();
    dialled.setReading(true);
    await stage.closed(dialled);
    assertSameBytes(dialled.bytes(), pattern(5000));
    assert.equal(dialled.code, 'closed');
  });

  check('both sides may end at the same time', async (stage) => {
    const [dialled, accepted] = await stage.pair();
    dialled.end();
    accepted.end();
    await stage.closed(dialled, accepted);
    assert.deepEqual([dialled.code, accepted.code], ['aborted', 'aborted']);
  });
}

function listening(check: Check): void {
  check('a port that is taken is address-in-use', async (stage) => {
    const first = await stage.listen({ address: stage.world.farAddress, port: 0 }, []);
    const second = await stage.tryListen(first.local);
    assert.ok('code' in second);
    assert.equal(second.code, 'address-in-use');
  });

  check('an address that this machine does not have is address-unavailable', async (stage) => {
    const outcome = await stage.tryListen({ address: stage.world.foreignAddress, port: 0 });
    assert.ok('code' in outcome);
    assert.equal(outcome.code, 'address-unavailable');
  });

  check(
    'a closed listener accepts no more, its connections live on, its port is free again',
    async (stage) => {
      const accepted: Side[] = [];
      const listener = await stage.listen({ address: stage.world.farAddress, port: 0 }, accepted);
      const dialled = stage.dial(listener.local);
      await stage.world.advanceUntil(() => dialled.isConnected && accepted.length === 1);
      listener.close();
      await stage.world.settle();
      const late = stage.dial(listener.local);
      await stage.closed(late);
      assert.equal(late.code, 'refused');
      accepted[0]!.write(pattern(100));
      await stage.world.advanceUntil(() => dialled.receivedBytes === 100);
      const again = await stage.listen(listener.local, accepted);
      assert.deepEqual(again.local, listener.local);
    },
  );
}
