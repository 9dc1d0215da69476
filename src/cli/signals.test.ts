import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { SignalGate } from './signals.ts';

function gateAt(now: { ms: number }) {
  const calls: string[] = [];
  const gate = new SignalGate(
    (signal) => calls.push(`stop ${signal}`),
    (code) => calls.push(`exit ${code}`),
    () => now.ms,
  );
  return { gate, calls };
}

test('the same Ctrl+C that arrives twice is one wish, a later one exits at once', () => {
  const now = { ms: 1000 };
  const { gate, calls } = gateAt(now);
  gate.onSignal('SIGINT');
  now.ms = 1500;
  gate.onSignal('SIGINT');
  gate.onSignal('SIGTERM');
  assert.deepEqual(calls, ['stop SIGINT']);
  now.ms = 1501;
  gate.onSignal('SIGINT');
  assert.deepEqual(calls, ['stop SIGINT', 'exit 130']);
});

test('a signal is heard until nobody listens, and each has its own exit code', () => {
  const now = { ms: 0 };
  const { gate, calls } = gateAt(now);
  const source = new EventEmitter();
  const unlisten = gate.listen(source);
  source.emit('SIGHUP');
  now.ms = 9000;
  source.emit('SIGTERM');
  source.emit('SIGHUP');
  unlisten();
  source.emit('SIGINT');
  assert.deepEqual(calls, ['stop SIGHUP', 'exit 143', 'exit 129']);
});
