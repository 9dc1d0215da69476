import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena, NO_SLOT, OWNER_DISK, OWNER_SOCKET } from '../base/arena.ts';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { Connection } from '../ports/transport.ts';
import { MessageWriter } from '../protocol/wire/message-writer.ts';
import { UPLOAD_STUCK_MS } from './limits.ts';
import { PeerUpload } from './peer-upload.ts';

/** A peer's upload whose connection borrows what it is lent and gives nothing back by itself. */
function makeUpload() {
  const arena = new Arena(8 * BLOCK_LENGTH);
  const clock = { value: 1000 };
  const lengths: number[] = [];
  const connection: Connection = {
    remote: { address: '127.0.0.1', port: 1 },
    unsentBytes: 0,
    write: () => {},
    writeBlock: (_head, block) => void lengths.push(block.length),
    setReading: () => {},
    end: () => {},
    abort: () => {},
  };
  const shared = {
    time: { now: () => clock.value },
    arena,
    blockCopy: { copy: () => {} },
    peerId: new Uint8Array(20),
    blockHead: new MessageWriter(512),
  };
  const upload = new PeerUpload(shared, clock.value);
  const lend = (length: number): void => {
    const slot = arena.take(OWNER_DISK);
    assert.ok(slot !== NO_SLOT);
    upload.send(connection, 0, 0, length, slot);
  };
  return { arena, clock, lengths, upload, lend };
}

test('what is lent belongs to the socket until the connection has taken it, the oldest first', () => {
  const { arena, clock, lengths, upload, lend } = makeUpload();
  lend(BLOCK_LENGTH);
  lend(1);
  assert.deepEqual(lengths, [BLOCK_LENGTH, 1]);
  assert.equal(arena.countOf(OWNER_SOCKET), 2);
  assert.equal(upload.queue.heldSlots, 2, 'a block of one byte holds a slot like any other');
  assert.equal(upload.takeBack(clock.value), BLOCK_LENGTH);
  assert.equal(upload.takeBack(clock.value), 1);
  assert.equal(arena.freeCount, arena.slotCount);
  assert.equal(upload.sentSinceUnchoke, BLOCK_LENGTH + 1);
});

test('a connection that takes nothing of what it was lent is stuck after a while', () => {
  const { clock, upload, lend } = makeUpload();
  clock.value += 10 * UPLOAD_STUCK_MS;
  assert.equal(upload.isStuck(clock.value), false, 'nothing is lent');
  lend(BLOCK_LENGTH);
  lend(BLOCK_LENGTH);
  clock.value += UPLOAD_STUCK_MS;
  assert.equal(upload.isStuck(clock.value), false);
  upload.takeBack(clock.value);
  clock.value += UPLOAD_STUCK_MS;
  assert.equal(upload.isStuck(clock.value), false, 'it took one meanwhile');
  clock.value++;
  assert.equal(upload.isStuck(clock.value), true);
});

test('all that is lent comes back when the connection is closed', () => {
  const { arena, upload, lend } = makeUpload();
  for (let i = 0; i < 5; i++) lend(100);
  upload.takeBackAll();
  assert.equal(arena.freeCount, arena.slotCount);
  assert.equal(upload.queue.heldSlots, 0);
});
