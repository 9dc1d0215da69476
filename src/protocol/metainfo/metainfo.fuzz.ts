/**
 * Fuzzes the reading of .torrent files: damaged torrents give either metainfo that keeps its promises or an
 * `InputError` in one sentence.
 */
import { TEST_CRYPTO, v1File, v1Torrent } from '../../../test/fixtures/metainfo/build-torrent.ts';
import { assert } from '../../base/assert.ts';
import { InputError } from '../../base/input-error.ts';
import type { Random } from '../../base/random.ts';
import { damage } from '../bencode/bencode.fuzz.ts';
import { FileLayout } from './file-layout.ts';
import type { Metainfo } from './metainfo.ts';
import { parseMetainfo } from './parse-metainfo.ts';
import { foldName, safeName } from './safe-name.ts';

/** What names are made of: everything that means something to some system. */
const PARTS = [
  'a',
  'A',
  'b',
  '..',
  '.',
  '',
  '/',
  'C:',
  'nul',
  'a.',
  'a ',
  'a\0',
  '\u202e',
  'é',
  'e\u0301',
  'a.part',
];

/** `corpus` are torrents to damage, besides random ones. */
export function fuzz(random: Random, iterations: number, corpus: readonly Uint8Array[] = []): void {
  for (let i = 0; i < iterations; i++) {
    const choice = random.below(corpus.length + 2);
    const bytes = corpus[choice] ?? randomTorrent(random);
    check(choice === corpus.length ? bytes : damage(bytes, random));
  }
}

function check(bytes: Uint8Array): void {
  let metainfo: Metainfo;
  try {
    metainfo = parseMetainfo(bytes, TEST_CRYPTO);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    assert(error.code === 'bad-metainfo' && /\(byte \d+\)$/.test(error.message), error.message);
    assert(!/[\p{Cc}]/u.test(error.message), 'a sentence without control characters');
    return;
  }
  checkPaths(metainfo);
  const lengths = metainfo.files.map((file) => file.length);
  const layout = new FileLayout(lengths, metainfo.pieceLength);
  if (metainfo.infoHashV1 !== null) {
    assert(layout.pieceCount === metainfo.pieceCount, 'pieces and files agree');
    assert(
      metainfo.files.every((file, index) => file.offset === layout.fileOffset(index)),
      'offsets',
    );
  }
  assert(metainfo.storedLength === layout.totalLength, 'lengths add up');
}

function checkPaths(metainfo: Metainfo): void {
  const seen = new Set<string>();
  for (const { path, symlinkTarget } of metainfo.files) {
    const parts = path.split('/');
    for (const part of parts) assert(part === safeName(part), `unsafe name in ${path}`);
    assert(
      parts[0] === metainfo.name && metainfo.isSingleFile === (parts.length === 1),
      `${path} lies in the folder`,
    );
    assert(!seen.has(foldName(path)), `${path} is there twice`);
    seen.add(foldName(path));
    if (symlinkTarget !== null) assert(`${symlinkTarget}/`.startsWith(`${metainfo.name}/`), symlinkTarget);
  }
}

function randomTorrent(random: Random): Uint8Array {
  const part = (): string => PARTS[random.below(PARTS.length)]!;
  const files = Array.from({ length: 1 + random.below(6) }, () => {
    const file = v1File('', random.below(40_000));
    file.set('path', Array.from({ length: 1 + random.below(3) }, part));
    const attribute = random.below(8);
    if (attribute === 0) file.set('attr', 'p');
    if (attribute === 1) {
      file.set('attr', 'l').set('length', 0);
      file.set('symlink path', Array.from({ length: 1 + random.below(3) }, part));
    }
    return file;
  });
  return v1Torrent(random.below(4) === 0 ? random.below(50_000) : files, { name: part() });
}
