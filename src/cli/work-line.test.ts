import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { TextStream } from './text-stream.ts';
import { WorkLine, workText } from './work-line.ts';

const half = { hashedBytes: 1e9, totalBytes: 2e9 };

test('the bar, the share, the rate and the time left fit the terminal', () => {
  const text = workText(half, 1000, 100);
  assert.equal(text, '[###############---------------] 50.0% of 2.00 GB hashed, 1.00 GB/s, 1 s left');
  assert.ok(text.length < 80, 'an ordinary terminal has room for the bar');
  assert.equal(workText(half, 1000, 60), '50.0% of 2.00 GB hashed, 1.00 GB/s, 1 s left');
  assert.equal(workText(half, 1000, 12), '50.0% of 2.…');
  assert.equal(workText(half, 1000, null), '50.0% of 2.00 GB hashed, 1.00 GB/s, 1 s left');
});

test('a rate is told when there is one, and nothing is divided by zero', () => {
  assert.equal(workText({ hashedBytes: 0, totalBytes: 10 }, 5000, null), '0% of 10 B hashed');
  assert.equal(workText(half, 10, null), '50.0% of 2.00 GB hashed');
  assert.equal(workText({ hashedBytes: 0, totalBytes: 0 }, 0, null), '100% of 0 B hashed');
});

function scene(columns: number | null): { line: WorkLine; written: () => string; time: { ms: number } } {
  const stream = Object.assign(new PassThrough(), columns === null ? {} : { isTTY: true, columns });
  const time = { ms: 0 };
  const line = new WorkLine(new TextStream(stream), () => time.ms);
  return { line, written: () => String(stream.read() ?? ''), time };
}

test('a terminal sees a line that is painted over ten times a second at most, and erased', () => {
  const { line, written, time } = scene(80);
  line.update({ hashedBytes: 0, totalBytes: 2e9 });
  assert.match(written(), /^\r\[-{30}\] 0% of 2\.00 GB hashed$/);
  time.ms = 50;
  line.update(half);
  assert.equal(written(), '');
  time.ms = 1000;
  line.update(half);
  assert.match(written(), /^\r\[#.* left$/);
  line.clear();
  assert.match(written(), /^\r +\r$/);
  line.clear();
  assert.equal(written(), '');
});

test('a log gets a line every ten seconds, and none for what is done sooner', () => {
  const { line, written, time } = scene(null);
  line.update(half);
  time.ms = 9999;
  line.update(half);
  line.clear();
  assert.equal(written(), '');
  time.ms = 10_000;
  line.update(half);
  assert.match(written(), /^50\.0% of 2\.00 GB hashed, 100 MB\/s, 10 s left\n$/);
});
