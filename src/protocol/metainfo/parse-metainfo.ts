/**
 * Owns the reading of .torrent files: v1 (BEP 3), v2 and hybrid (BEP 52).
 *
 * Strict within the info dictionary, because every client must understand it alike; lenient outside, where
 * nothing is proven and little is needed. The info hash is always taken from the bytes as they stand in the
 * file.
 */
import { InputError } from '../../base/input-error.ts';
import type { Crypto } from '../../ports/crypto.ts';
import { BencodeError } from '../bencode/bencode-error.ts';
import type { BencodeLimits } from '../bencode/bencode-tokens.ts';
import { readBencodePrefix } from '../bencode/read-bencode.ts';
import { exactTextOf, Field, textOf } from './field.ts';
import { readFileTree, type V2Part } from './file-tree.ts';
import type { Metainfo } from './metainfo.ts';
import {
  MAX_METAINFO_BYTES,
  MAX_METAINFO_DEPTH,
  MAX_METAINFO_ITEMS,
  MAX_PART_BYTES,
  MAX_PIECE_LENGTH,
  MAX_TEXT_BYTES,
} from './metainfo-limits.ts';
import { readPieceLayers } from './piece-layers.ts';
import { placeFiles } from './place-files.ts';
import type { RawFile } from './raw-file.ts';
import { safeName } from './safe-name.ts';
import { readNodes, readTrackers, readWebSeeds } from './source-fields.ts';
import { readV1Part, type V1Part } from './v1-files.ts';

const LIMITS: Readonly<BencodeLimits> = {
  maxBytes: MAX_METAINFO_BYTES,
  maxDepth: MAX_METAINFO_DEPTH,
  maxItems: MAX_METAINFO_ITEMS,
};
/** BEP 52: pieces consist of whole leaves. */
const LEAST_V2_PIECE_LENGTH = 16384;

/**
 * The content of a .torrent file. Throws `InputError` with code `bad-metainfo` and a sentence that says what
 * is wrong and where. Nothing of `bytes` is kept.
 */
export function parseMetainfo(bytes: Uint8Array, crypto: Crypto): Metainfo {
  const torrent = readTorrent(bytes);
  const info = torrent.require('info').requireDictionary();
  const { v1, v2, rawName, pieceLength } = readInfo(info);
  if (v1 !== null && v2 !== null) refuseDisagreement(v1, v2, pieceLength);
  const part = (v1 ?? v2)!;
  const isSingleFile = part.isSingleFile;
  const rawFiles = v1 === null ? v2!.files : withRoots(v1.files, v2);
  const topFolder = isSingleFile ? null : rawName;
  const files = placeFiles(rawFiles, topFolder, v1 === null ? pieceLength : 1);
  const infoDictionary = info.node.encoded;
  const pieceLayers = v2 === null ? new Map() : readPieceLayers(torrent, v2.files, pieceLength, crypto);
  return {
    name: topFolder === null ? files[0]!.path : safeName(topFolder),
    isSingleFile,
    infoHashV1: v1 === null ? null : crypto.sha1(infoDictionary),
    infoHashV2: v2 === null ? null : crypto.sha256(infoDictionary),
    infoDictionary,
    pieceLength,
    pieceCount: part.pieceCount,
    // A copy of its own, because it crosses to the disk's thread without the rest.
    pieceHashes: v1 === null ? new Uint8Array(0) : new Uint8Array(v1.pieceHashes),
    pieceLayers,
    storedLength: sumLengths(rawFiles, true),
    totalLength: sumLengths(rawFiles, false),
    files,
    trackers: readTrackers(torrent.node),
    webSeeds: readWebSeeds(torrent.node),
    nodes: readNodes(torrent.node),
    isPrivate: (info.node.get('private')?.asInteger() ?? 0) !== 0,
    comment: readText(torrent, 'comment'),
    createdBy: readText(torrent, 'created by'),
    createdAt: readCreatedAt(torrent),
  };
}

function readTorrent(bytes: Uint8Array): Field {
  if (bytes.length > MAX_METAINFO_BYTES) {
    throw new InputError('bad-metainfo', `the torrent is longer than ${MAX_METAINFO_BYTES} bytes`);
  }
  if (bytes[0] !== 0x64) {
    throw new InputError('bad-metainfo', 'the data is not a torrent: it starts with no dictionary (byte 0)');
  }
  try {
    // All views are into this copy: a plain Uint8Array even when `bytes` is a subclass or changes later.
    const node = readBencodePrefix(new Uint8Array(bytes), LIMITS);
    refuseTrailingBytes(bytes, node.end);
    return new Field(node);
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    throw new InputError('bad-metainfo', `the torrent is damaged: ${error.message}`);
  }
}

/** White space and zeros behind the torrent come from editors and padded transfers and mean nothing. */
function refuseTrailingBytes(bytes: Uint8Array, end: number): void {
  for (let at = end; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte !== 0 && byte !== 0x20 && !(byte >= 0x09 && byte <= 0x0d)) {
      throw new BencodeError('trailing-bytes', at);
    }
  }
}

interface Info {
  readonly rawName: string;
  readonly pieceLength: number;
  readonly v1: V1Part | null;
  readonly v2: V2Part | null;
}

function readInfo(info: Field): Info {
  // BEP 52 wants this looked at first: a later version may break every other rule.
  const metaVersion = info.get('meta version');
  const version = metaVersion === null ? 1 : metaVersion.node.asNumber();
  if (metaVersion !== null && version !== 1 && version !== 2) metaVersion.fail('is not a version known here');
  const isV2 = version === 2;
  const isV1 = !isV2 || info.get('pieces') !== null;
  const rawName = readName(info);
  const pieceLength = readPieceLength(info, isV2);
  return {
    rawName,
    pieceLength,
    v1: isV1 ? readV1Part(info, rawName, pieceLength) : null,
    v2: isV2 ? readFileTree(info, pieceLength) : null,
  };
}

function readName(info: Field): string {
  const utf8 = info.node.get('name.utf-8');
  const better = utf8 === null ? null : exactTextOf(utf8, MAX_PART_BYTES);
  const name = info.require('name');
  return better ?? textOf(name.node, MAX_PART_BYTES) ?? name.fail('is not a string');
}

function readPieceLength(info: Field, isV2: boolean): number {
  const field = info.require('piece length');
  const pieceLength = field.requireNumber(isV2 ? LEAST_V2_PIECE_LENGTH : 1, MAX_PIECE_LENGTH);
  if (isV2 && !Number.isInteger(Math.log2(pieceLength))) field.fail('is not a power of two');
  return pieceLength;
}

/** The halves of a hybrid describe the same files in the same order, and lay them into the same pieces. */
function refuseDisagreement(v1: V1Part, v2: V2Part, pieceLength: number): void {
  let offset = 0;
  let aligned = 0;
  let other = 0;
  for (const file of v1.files) {
    if (!file.isPadding) {
      const twin = v2.files[other++] ?? file.field.fail('is not in the file tree');
      refuseDifferentFiles(file, twin);
      if (file.length > 0 && offset !== aligned)
        file.field.fail('does not start at the piece of the file tree');
      aligned += Math.ceil(file.length / pieceLength) * pieceLength;
    }
    offset += file.length;
  }
  v2.files[other]?.field.fail('is not in the list of files');
}

function refuseDifferentFiles(file: RawFile, twin: RawFile): void {
  if (!sameParts(file.parts, twin.parts)) file.field.fail('has another path than in the file tree');
  if (file.length !== twin.length)
    file.field.fail(`has another length than in the file tree: ${twin.length}`);
  if (!sameParts(file.linkParts ?? [], twin.linkParts ?? [])) {
    file.field.fail('is another symlink than in the file tree');
  }
}

function sameParts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** The v1 files with the roots of their twins. */
function withRoots(files: readonly RawFile[], v2: V2Part | null): readonly RawFile[] {
  if (v2 === null) return files;
  let other = 0;
  return files.map((file) =>
    file.isPadding ? file : { ...file, piecesRoot: v2.files[other++]!.piecesRoot },
  );
}

function sumLengths(files: readonly RawFile[], withPadding: boolean): number {
  let sum = 0;
  for (const file of files) if (withPadding || !file.isPadding) sum += file.length;
  return sum;
}

function readText(torrent: Field, key: string): string | null {
  const node = torrent.node.get(`${key}.utf-8`) ?? torrent.node.get(key);
  return node === null ? null : textOf(node, MAX_TEXT_BYTES);
}

function readCreatedAt(torrent: Field): number | null {
  const value = torrent.node.get('creation date')?.asNumber() ?? null;
  return value !== null && value >= 0 ? value : null;
}
