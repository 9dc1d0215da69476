import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckedFile, CheckedFileState, CheckReport } from '../client/index.ts';
import { checkJson, renderCheck } from './check-text.ts';

function file(path: string, state: CheckedFileState, more: Partial<CheckedFile> = {}): CheckedFile {
  return {
    index: 0,
    path,
    state,
    length: 1000,
    storedLength: 1000,
    pieceCount: 4,
    verifiedPieces: 3,
    badPieces: [],
    missingPieces: [],
    error: null,
    ...more,
  };
}

function report(files: readonly CheckedFile[], more: Partial<CheckReport> = {}): CheckReport {
  return {
    name: 'n',
    infoHashV1: '0'.repeat(40),
    infoHashV2: null,
    isComplete: files.every(({ state }) => state === 'complete'),
    pieceLength: 16_384,
    pieceCount: 10,
    verifiedPieces: 5,
    totalBytes: 2000,
    verifiedBytes: 1000,
    badPieces: [],
    missingPieces: [],
    files,
    ...more,
  };
}

test('a complete torrent is one line', () => {
  assert.equal(
    renderCheck(report([file('a', 'complete')], { pieceCount: 1 })),
    'complete: 2.00 kB in 1 file, 1 piece verified\n',
  );
});

test('every file that is not complete has a line with its reason, made harmless', () => {
  const ranges = Array.from({ length: 9 }, (_, i) => [10 * i, 10 * i + (i % 2)] as const);
  const text = renderCheck(
    report(
      [
        file('ok', 'complete'),
        file('gone\u001b[2J', 'missing', { storedLength: null }),
        file('short', 'incomplete', { storedLength: 10 }),
        file('half.mkv', 'incomplete'),
        file('bad', 'bad', { badPieces: ranges, pieceCount: 100 }),
        file('long', 'bad', { storedLength: 1003 }),
        file('locked', 'unreadable', { error: 'no permission to read it' }),
        file('beside', 'unverified'),
      ],
      { badPieces: ranges, missingPieces: [[3, 3]] },
    ),
  );
  assert.deepEqual(text.trimEnd().split('\n'), [
    'missing     gone\ufffd[2J: there is no such file',
    'incomplete  short: 10 B of 1.00 kB are there',
    'incomplete  half.mkv: an unfinished download, 3 of 4 pieces verified',
    'bad         bad: 13 of 100 pieces do not match (0, 10-11, 20, 30-31, 40, 50-51, 60, 70-71, …)',
    'bad         long: 3 bytes too long',
    'unreadable  locked: no permission to read it',
    'unverified  beside: shares a piece with a file that is not complete, so its end or start cannot be verified',
    'not complete: 50.0% of 2.00 kB verified, 1 file missing, 2 files incomplete, 2 files bad, ' +
      '1 file unverified, 1 file unreadable, 13 pieces bad, 1 piece missing',
  ]);
});

test('programs get the whole report', () => {
  const json = JSON.parse(JSON.stringify(checkJson(report([file('a', 'missing', { storedLength: null })]))));
  assert.equal(json.complete, false);
  assert.deepEqual(
    [json.files[0].path, json.files[0].state, json.files[0].storedLength],
    ['a', 'missing', null],
  );
  assert.equal('isComplete' in json, false);
});
