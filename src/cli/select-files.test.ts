import assert from 'node:assert/strict';
import { test } from 'node:test';
import { torrentFile } from '../../test/cli/torrent-file.ts';
import { parseTorrent } from '../client/index.ts';
import { selectFiles } from './select-files.ts';

const byte = Buffer.from('x');
const series = parseTorrent(
  torrentFile({
    name: 'Series',
    files: {
      'Season 1/01.mkv': byte,
      'Season 1/02.mkv': byte,
      'Season 1/sub/01.srt': byte,
      'Season 2/01.mkv': byte,
      '[x] notes.txt': byte,
      'cover.jpg': byte,
    },
  }).bytes,
);
const select = (...selections: string[]) => selectFiles(series, selections, 'Series');

test('numbers are those that show prints, from 1, with ranges and lists', () => {
  assert.deepEqual(select('1'), [0]);
  assert.deepEqual(select('1,3-5'), [0, 2, 3, 4]);
  assert.deepEqual(select('5-'), [4, 5]);
  assert.deepEqual(select('6-99'), [5]);
  assert.deepEqual(select('2,2', '1'), [0, 1]);
  assert.equal(select(), null);
});

test('a glob without a slash matches names in any folder, one with a slash the path', () => {
  assert.deepEqual(select('*.mkv'), [0, 1, 3]);
  assert.deepEqual(select('Season 1/*.mkv'), [0, 1]);
  assert.deepEqual(select('**/*.srt', 'cover.*'), [2, 5]);
  assert.deepEqual(select('{01,02}.mkv'), [0, 1, 3]);
});

test('a path selects its file, and a folder all that is in it, also with glob characters in the name', () => {
  assert.deepEqual(select('Season 1'), [0, 1, 2]);
  assert.deepEqual(select('./Season 1/sub/'), [2]);
  assert.deepEqual(select('[x] notes.txt'), [4]);
});

test('what selects nothing is refused in a sentence', () => {
  const refused = (selection: string, message: RegExp) =>
    assert.throws(() => select(selection), { name: 'InputError', code: 'bad-selection', message });
  refused('7', /has 7, but Series has the files 1 to 6/);
  refused('0', /has 0, but/);
  refused('1,9-12', /has 9-12, but/);
  refused('5-3', /5-3, which runs backwards/);
  refused('1,,2', /not a list like 1,3-5/);
  refused('-', /not a list/);
  refused('*.avi', /matches no file of Series/);
  refused('', /matches no file/);
});

test('the one file of a torrent is number 1', () => {
  const single = parseTorrent(torrentFile({ name: 'a.iso' }).bytes);
  assert.deepEqual(selectFiles(single, ['1'], 'a'), [0]);
  assert.deepEqual(selectFiles(single, ['*.iso'], 'a'), [0]);
});
