/**
 * Owns the check of piece layers against the roots of their files (BEP 52): one SHA-256 a piece, which lie
 * outside the info dictionary and so are proven only by the root within it.
 */
import { toHex } from '../../base/text.ts';
import type { Crypto } from '../../ports/crypto.ts';
import type { Field } from './field.ts';
import { emptySubtree, MERKLE_HASH_LENGTH, rootOfLayer } from './merkle.ts';
import type { RawFile } from './raw-file.ts';

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
  const empty = emptySubtree(pieceLength, crypto);
  for (const { key, value } of dictionary.node.entries()!) {
    const root = toHex(key.asBytes()!.subarray(0, MERKLE_HASH_LENGTH + 1));
    if (!roots.has(root)) continue;
    const field = dictionary.at(value, root);
    const layer = field.requireBytes();
    const length = roots.get(root)!.length;
    const expected = MERKLE_HASH_LENGTH * Math.ceil(length / pieceLength);
    if (layer.length !== expected) field.fail(`is ${layer.length} bytes long instead of ${expected}`);
    if (toHex(rootOfLayer(layer, empty, crypto)) !== root) field.fail('does not match the root of its file');
    layers.set(root, layer);
  }
  for (const file of files) {
    if (file.piecesRoot === null || file.length <= pieceLength) continue;
    const root = toHex(file.piecesRoot);
    const layer = layers.get(root) ?? dictionary.fail(`has no layer for the root ${root}`);
    // Files with equal roots are equal, so they are equally long.
    if (layer.length !== MERKLE_HASH_LENGTH * Math.ceil(file.length / pieceLength)) {
      file.field.fail('has the root of a file of another length');
    }
  }
  return layers;
}
