/** Owns the comparison of what was downloaded with what was to be downloaded: every byte, and nothing besides. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lengthOfPiece, listFiles, type TorrentContent } from './content.ts';

const STEP = 4 * 1024 * 1024;

/** Fails unless `directory` holds exactly the files of `content`, byte for byte. */
export function assertDownloaded(directory: string, content: TorrentContent): void {
  const expected = content.files.map((file) => file.path).sort();
  assert.deepEqual(listFiles(directory), expected, 'the files that lie in the download directory');
  for (let i = 0; i < content.files.length; i++) assertFile(directory, content, i);
}

/** Fails unless the file with number `index` in `content` lies below `directory`, byte for byte. */
export function assertFile(directory: string, content: TorrentContent, index: number): void {
  const file = content.files[index]!;
  const path = join(directory, file.path);
  assert.equal(statSync(path).size, file.length, `length of ${file.path}`);
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(STEP, file.length));
    for (let at = 0; at < file.length; at += STEP) {
      const length = Math.min(STEP, file.length - at);
      const count = readSync(descriptor, buffer, 0, length, at);
      assert.equal(count, length, `bytes read of ${file.path} at ${at}`);
      const same = buffer.subarray(0, length).equals(content.source.read(file.offset + at, length));
      assert.ok(same, `${file.path}: wrong bytes between ${at} and ${at + length}`);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Fails unless the file at `path`, which is the whole torrent, has the bytes of piece `piece` where they belong. */
export function assertPiece(path: string, content: TorrentContent, piece: number): void {
  const offset = piece * content.pieceLength;
  const length = lengthOfPiece(content, piece);
  const buffer = Buffer.alloc(length);
  const descriptor = openSync(path, 'r');
  try {
    assert.equal(readSync(descriptor, buffer, 0, length, offset), length, `bytes read of piece ${piece}`);
  } finally {
    closeSync(descriptor);
  }
  assert.ok(buffer.equals(content.source.read(offset, length)), `piece ${piece} has wrong bytes`);
}

/** Fails unless both directories hold the same files with the same bytes. For small trees. */
export function assertSameTree(actual: string, expected: string): void {
  const paths = listFiles(expected);
  assert.deepEqual(listFiles(actual), paths, `the files below ${actual}`);
  for (const path of paths) assertSameFile(join(actual, path), join(expected, path));
}

/** Fails unless both files have the same bytes. */
function assertSameFile(actual: string, expected: string): void {
  const length = statSync(expected).size;
  assert.equal(statSync(actual).size, length, `length of ${actual}`);
  const [left, right] = [openSync(actual, 'r'), openSync(expected, 'r')];
  try {
    const [a, b] = [Buffer.alloc(STEP), Buffer.alloc(STEP)];
    for (let at = 0; at < length; at += STEP) {
      const count = readSync(left, a, 0, STEP, at);
      assert.equal(readSync(right, b, 0, STEP, at), count, `bytes read at ${at}`);
      assert.ok(a.subarray(0, count).equals(b.subarray(0, count)), `${actual}: wrong bytes after ${at}`);
    }
  } finally {
    closeSync(left);
    closeSync(right);
  }
}
