/**
 * Owns a torrent of the simulated world: content from an oracle, and the metainfo that describes it (BEP 3).
 */
import type { Crypto } from '../ports/crypto.ts';
import type { Metainfo, MetainfoFile } from '../protocol/metainfo/metainfo.ts';
import { type BencodeValue, encodeBencode } from './encode-bencode.ts';
import { OracleContent } from './oracle-content.ts';

export interface SimTorrentOptions {
  readonly name: string;
  readonly contentSeed: number;
  readonly pieceLength: number;
  /** Lengths of its files; one alone makes a torrent of a single file. */
  readonly fileLengths: readonly number[];
  /** Tracker URLs in tiers. */
  readonly trackers: readonly (readonly string[])[];
}

export interface SimTorrent {
  readonly content: OracleContent;
  readonly metainfo: Metainfo;
}

/** Makes content and metainfo; hashes every piece. */
export function createSimTorrent(options: SimTorrentOptions, crypto: Crypto): SimTorrent {
  const { name, pieceLength, fileLengths } = options;
  const totalLength = fileLengths.reduce((sum, length) => sum + length, 0);
  const content = new OracleContent(options.contentSeed, totalLength);
  const pieceHashes = hashPieces(content, pieceLength, crypto);
  const files = layOut(name, fileLengths);
  const infoDictionary = encodeBencode({
    name,
    'piece length': pieceLength,
    pieces: pieceHashes,
    ...(fileLengths.length === 1 ? { length: totalLength } : { files: files.map(describeFile) }),
  });
  const metainfo: Metainfo = {
    name,
    isSingleFile: fileLengths.length === 1,
    infoHashV1: crypto.sha1(infoDictionary),
    infoHashV2: null,
    infoDictionary,
    pieceLength,
    pieceCount: pieceHashes.length / 20,
    pieceHashes,
    pieceLayers: new Map(),
    storedLength: totalLength,
    totalLength,
    files,
    trackers: options.trackers,
    webSeeds: [],
    nodes: [],
    isPrivate: false,
    comment: null,
    createdBy: null,
    createdAt: null,
  };
  return { content, metainfo };
}

function hashPieces(content: OracleContent, pieceLength: number, crypto: Crypto): Uint8Array {
  const pieceCount = Math.ceil(content.length / pieceLength);
  const hashes = new Uint8Array(20 * pieceCount);
  for (let piece = 0; piece < pieceCount; piece++) {
    const position = piece * pieceLength;
    const length = Math.min(pieceLength, content.length - position);
    hashes.set(crypto.sha1(content.slice(position, length)), 20 * piece);
  }
  return hashes;
}

function layOut(name: string, fileLengths: readonly number[]): MetainfoFile[] {
  let offset = 0;
  return fileLengths.map((length, index) => {
    const path = fileLengths.length === 1 ? name : `${name}/${index}.bin`;
    const file: MetainfoFile = {
      path,
      length,
      offset,
      isPadding: false,
      isExecutable: false,
      isHidden: false,
      symlinkTarget: null,
      piecesRoot: null,
    };
    offset += length;
    return file;
  });
}

function describeFile(file: MetainfoFile): BencodeValue {
  return { length: file.length, path: file.path.split('/').slice(1) };
}
