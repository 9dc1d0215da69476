/**
 * Owns the check of piece layers against the roots of their files (BEP 52): one SHA-256 a piece, which lie
 * outside the info dictionary and so are proven only by the root within it.
 */
import { BLOCK_LENGTH } from '../../base/numbers.ts';
import { toHex } from '../../base/text.ts';
import type { Crypto } from '../../ports/crypto.ts';
import type { Field } from './field.ts';
import type { RawFile } from './raw-file.ts';

const HASH_LENGTH = 32;

/**
 * The layers of all files longer than a piece, by root in hexadecimal; views. Every such file must have its
 * layer, of the right size and with the right root. Layers of no file are left out.
 */
export function readPieceLayers(
  torrent: Field,
  files: readonly RawFile[],
  pieceLength: number,
  crypto: Crypto,
): Map<string, Uint8Array> {
  const layers = new Map<string, Uint8Array>();
  const roots = new Map<string, RawFile>();
  for (const file of files) {
    if (file.piecesRoot !== null && file.length > pieceLength) roots.set(toHex(file.piecesRoot), file);
  }
  if (roots.size === 0) return layers;
  const dictionary = torrent.require('piece layers').requireDictionary();
  const empty = emptySubtrees(pieceLength, crypto);
  for (const { key, value } of dictionary.node.entries()!) {
    const root = toHex(key.asBytes()!.subarray(0, HASH_LENGTH + 1));
    if (!roots.has(root)) continue;
    const field = dictionary.at(value, root);
    const layer = field.requireBytes();
    const length = roots.get(root)!.length;
    const expected = HASH_LENGTH * Math.ceil(length / pieceLength);
    if (layer.length !== expected) field.fail(`is ${layer.length} bytes long instead of ${expected}`);
    if (toHex(rootOfLayer(layer, empty, crypto)) !== root) field.fail('does not match the root of its file');
    layers.set(root, layer);
  }
  for (const file of files) {
    if (file.piecesRoot === null || file.length <= pieceLength) continue;
    const root = toHex(file.piecesRoot);
    const layer = layers.get(root) ?? dictionary.fail(`has no layer for the root ${root}`);
    // Files with equal roots are equal, so they are equally long.
    if (layer.length !== HASH_LENGTH * Math.ceil(file.length / pieceLength)) {
      file.field.fail('has the root of a file of another length');
    }
  }
  return layers;
}

/** The root over a layer; what is missing to a power of two stands for nothing but zero leaves. */
function rootOfLayer(layer: Uint8Array, empty: Uint8Array, crypto: Crypto): Uint8Array {
  let level = layer;
  let padding = empty;
  while (level.length > HASH_LENGTH) {
    const pairs = Math.ceil(level.length / (2 * HASH_LENGTH));
    const above = new Uint8Array(pairs * HASH_LENGTH);
    for (let pair = 0; pair < pairs; pair++) {
      const start = pair * 2 * HASH_LENGTH;
      const isWhole = start + 2 * HASH_LENGTH <= level.length;
      const both = isWhole
        ? level.subarray(start, start + 2 * HASH_LENGTH)
        : joined(level.subarray(start), padding);
      above.set(crypto.sha256(both), pair * HASH_LENGTH);
    }
    padding = crypto.sha256(joined(padding, padding));
    level = above;
  }
  return level;
}

/** The hash of a piece of which all leaves are zero: what pads a layer. */
function emptySubtrees(pieceLength: number, crypto: Crypto): Uint8Array {
  let hash: Uint8Array = new Uint8Array(HASH_LENGTH);
  for (let length = BLOCK_LENGTH; length < pieceLength; length *= 2) hash = crypto.sha256(joined(hash, hash));
  return hash;
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * HASH_LENGTH);
  both.set(left);
  both.set(right, HASH_LENGTH);
  return both;
}
