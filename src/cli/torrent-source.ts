/**
 * Owns where the bytes of a torrent come from: a file, stdin, or an http(s) URL. What can be wrong with them
 * before they are parsed becomes one sentence that names the source.
 */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Metainfo } from '../client/index.ts';
import { ClientError, fetchTorrent, InputError, MAX_TORRENT_BYTES, parseTorrent } from '../client/index.ts';
import { isMagnet } from '../protocol/metainfo/magnet.ts';
import { printable } from './terminal-text.ts';

export interface TorrentSource {
  /** How sentences name it. */
  readonly label: string;
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
}

const LIMIT_MB = Math.floor(MAX_TORRENT_BYTES / 1e6);

/**
 * Reads and parses `source`. Throws `InputError` for what a person can put right, `ClientError` when the
 * network said no. `localAddress` is where to fetch a URL from, or null.
 */
export async function readTorrent(
  source: string,
  stdin: Readable,
  localAddress: string | null,
): Promise<TorrentSource> {
  if (isMagnet(source)) {
    throw new InputError('magnet', `magnet links cannot be downloaded yet; give the .torrent file instead`);
  }
  const label = source === '-' ? 'stdin' : printable(source);
  if (/^https?:\/\//i.test(source)) {
    const { bytes, maskedUrl } = await fetchTorrent(source, localAddress);
    return parsed(maskedUrl, bytes);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) {
    throw new InputError('bad-source', `${label}: only http and https URLs can be fetched`);
  }
  const bytes = source === '-' ? await readStream(stdin) : await readTorrentFile(source, label);
  if (bytes.length === 0) throw new InputError('empty', `${label} is empty, not a .torrent file`);
  return parsed(label, bytes);
}

function parsed(label: string, bytes: Uint8Array): TorrentSource {
  try {
    return { label, bytes, metainfo: parseTorrent(bytes) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, `${label} is not a valid .torrent file: ${error.message}`);
  }
}

async function readTorrentFile(path: string, label: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r');
    const status = await file.stat();
    if (status.isDirectory())
      throw new InputError('is-a-directory', `${label} is a folder, not a .torrent file`);
    if (status.size > MAX_TORRENT_BYTES) throw tooLarge(label);
    return await readStream(file.createReadStream({ autoClose: false }), label);
  } catch (error) {
    throw fileError(error, label);
  }
}

async function readStream(stream: Readable, label = 'stdin'): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of stream) {
      parts.push(part as Buffer);
      length += (part as Buffer).length;
      if (length > MAX_TORRENT_BYTES) throw tooLarge(label);
    }
  } catch (error) {
    throw fileError(error, label);
  }
  return Buffer.concat(parts);
}

function tooLarge(label: string): InputError {
  return new InputError('too-large', `${label} is larger than ${LIMIT_MB} MB, which no .torrent file is`);
}

const FILE_SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  EISDIR: 'it is a folder, not a .torrent file',
  ELOOP: 'its links run in a circle',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  EIO: 'the device failed',
  ENXIO: 'it is not a file',
};

function fileError(error: unknown, label: string): unknown {
  if (error instanceof InputError || error instanceof ClientError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new InputError('unreadable', `cannot read ${label}: ${FILE_SENTENCES[code] ?? message}`);
}
