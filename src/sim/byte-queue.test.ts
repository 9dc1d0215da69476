import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from './byte-queue.ts';

test('whatever is pushed and taken, bytes come in order, each once', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), count: fc.nat(50) }),
    fc.record({ kind: fc.constant('take' as const), count: fc.nat(120) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new ByteQueue();
      const model: number[] = [];
      let next = 0;
      for (const { kind, count } of steps) {
        if (kind === 'push') {
          const bytes = Uint8Array.from({ length: count }, () => next++ & 0xff);
          model.push(...bytes);
          queue.push(bytes);
          bytes.fill(0xee);
        } else {
          const length = Math.min(count, model.length);
          assert.deepEqual([...queue.take(length)], model.splice(0, length));
        }
        assert.equal(queue.length, model.length);
      }
    }),
  );
});

test('a cleared queue is empty and can be used again', () => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(1, 2, 3));
  queue.take(1);
  queue.clear();
  assert.equal(queue.length, 0);
  queue.push(Uint8Array.of(4));
  assert.deepEqual([...queue.take(1)], [4]);
});
