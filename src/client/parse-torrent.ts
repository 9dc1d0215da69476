/**
 * Owns the reading of torrents for those who want to look at one, without an engine.
 */
import { NodeCrypto } from '../node/crypto.ts';
import type { Metainfo } from '../protocol/metainfo/metainfo.ts';
import { parseMetainfo } from '../protocol/metainfo/parse-metainfo.ts';

/** What a .torrent file says, validated. Throws `InputError` that says what is wrong and where. */
export function parseTorrent(bytes: Uint8Array): Metainfo {
  return parseMetainfo(bytes, new NodeCrypto());
}
