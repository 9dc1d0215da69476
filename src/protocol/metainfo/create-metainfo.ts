/**
 * Owns the bytes of a new .torrent file around its info dictionary: trackers (BEP 3, 12), web seeds (BEP 19), piece
 * layers (BEP 52), comment, creator, date. The same parts give the same bytes.
 */
import { toHex } from '../../base/text.ts';
import type { Crypto } from '../../ports/crypto.ts';
import { type BencodeValue, writeBencode } from '../bencode/write-bencode.ts';
import { createInfo, type InfoParts } from './create-info.ts';
import { emptySubtree, MERKLE_HASH_LENGTH, rootOfLayer } from './merkle.ts';

export interface MetainfoParts {
  readonly info: Omit<InfoParts, 'roots'>;
  /** For v2 and hybrid, of each piece the root over its leaves, 32 bytes each; not looked at for v1. */
  readonly pieceRoots: Uint8Array;
  /** One tier each (BEP 12). */
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  readonly comment: string | null;
  readonly createdBy: string | null;
  /** Seconds since 1970; null for none. */
  readonly createdAt: number | null;
}

/** The .torrent file. */
export function createMetainfo(parts: MetainfoParts, crypto: Crypto): Uint8Array {
  const torrent = new Map<string, BencodeValue>();
  if (parts.trackers.length > 0) torrent.set('announce', parts.trackers[0]!);
  if (parts.trackers.length > 1) {
    torrent.set(
      'announce-list',
      parts.trackers.map((url) => [url]),
    );
  }
  if (parts.comment !== null) torrent.set('comment', parts.comment);
  if (parts.createdBy !== null) torrent.set('created by', parts.createdBy);
  if (parts.createdAt !== null) torrent.set('creation date', parts.createdAt);
  const trees = parts.info.format === 'v1' ? NO_TREES : fileTrees(parts, crypto);
  torrent.set('info', createInfo({ ...parts.info, roots: trees.roots }));
  if (parts.info.format !== 'v1') torrent.set('piece layers', trees.layers);
  if (parts.webSeeds.length > 0) torrent.set('url-list', parts.webSeeds);
  return writeBencode(torrent);
}

interface FileTrees {
  /** Of each file, null for empty ones. */
  readonly roots: readonly (Uint8Array | null)[];
  /** By root; of files that are longer than a piece. */
  readonly layers: ReadonlyMap<Uint8Array, Uint8Array>;
}

const NO_TREES: FileTrees = { roots: [], layers: new Map() };

/** Every file starts at a piece, so its layer is a stretch of the roots of all pieces. */
function fileTrees({ info, pieceRoots }: MetainfoParts, crypto: Crypto): FileTrees {
  const roots: (Uint8Array | null)[] = [];
  const layers = new Map<Uint8Array, Uint8Array>();
  const known = new Set<string>();
  const empty = emptySubtree(info.pieceLength, crypto);
  let at = 0;
  for (const { length } of info.files) {
    const layer = pieceRoots.subarray(at, at + Math.ceil(length / info.pieceLength) * MERKLE_HASH_LENGTH);
    at += layer.length;
    const root = length === 0 ? null : rootOfLayer(layer, empty, crypto);
    roots.push(root);
    if (root === null || length <= info.pieceLength) continue;
    const key = toHex(root);
    // Equal files share their layer.
    if (!known.has(key)) layers.set(root, layer);
    known.add(key);
  }
  return { roots, layers };
}
