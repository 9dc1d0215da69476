import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trace } from './trace.ts';

/** The digest after some records. */
function digestOf(write: (trace: Trace) => void): string {
  const trace = new Trace();
  write(trace);
  return trace.digest;
}

test('equal records give equal digests, and any difference shows', () => {
  const base = (trace: Trace): void => {
    trace.record(1.5, 'data', 3, 100);
    trace.bytes(Uint8Array.of(1, 2, 3), 0, 3);
    trace.note(2, 'closed', 'a 3');
  };
  assert.equal(digestOf(base), digestOf(base));
  const others: ((trace: Trace) => void)[] = [
    () => {},
    (trace) => trace.record(1.5, 'data', 3, 100),
    (trace) => trace.record(1.5 + 2 ** -10, 'data', 3, 100),
    (trace) => trace.record(1.5, 'date', 3, 100),
    (trace) => trace.record(1.5, 'data', 100, 3),
    (trace) => trace.note(1.5, 'data', '3 100'),
    (trace) => {
      trace.note(2, 'closed', 'a 3');
      trace.record(1.5, 'data', 3, 100);
    },
    (trace) => trace.bytes(Uint8Array.of(1, 2, 3), 0, 3),
    (trace) => trace.bytes(Uint8Array.of(1, 3, 2), 0, 3),
  ];
  const digests = new Set([digestOf(base), ...others.map(digestOf)]);
  assert.equal(digests.size, others.length + 1);
});

test('lines are kept only when asked for', () => {
  const trace = new Trace(true);
  trace.record(1, 'data', 2, 3);
  trace.note(4, 'event', 'text');
  assert.deepEqual(trace.lines, ['1 data 2 3', '4 event text']);
  assert.equal(trace.count, 2);
  assert.equal(new Trace().lines, null);
});
