import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toAscii } from './ascii.ts';

test('glyphs have stand-ins, other characters become question marks, column for column', () => {
  assert.equal(toAscii('╭─ 日本 é ─╮'), '+- ???? ? -+');
  assert.equal(toAscii('███▍░░'), '###---');
  assert.equal(toAscii('\u001b[32m↓\u001b[0m 1 MB/s…'), '\u001b[32mv\u001b[0m 1 MB/s~');
});
