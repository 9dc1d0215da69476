/** Owns small torrents for tests of the disk: content, hashes, and what must lie where. */
import { createHash } from 'node:crypto';
import { BLOCK_LENGTH } from '../../src/base/numbers.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { StorageFile, StorageSpec } from '../../src/ports/disk.ts';
import { FileLayout } from '../../src/protocol/metainfo/file-layout.ts';

export interface TestFile {
  readonly path: string;
  readonly length: number;
  readonly isPadding?: boolean;
  readonly isWanted?: boolean;
  readonly isExecutable?: boolean;
  readonly symlinkTarget?: string;
}

export interface TestTorrentOptions {
  readonly directory: string;
  readonly files: readonly TestFile[];
  readonly pieceLength?: number;
  readonly partsPath?: string;
  readonly overwrite?: boolean;
}

export class TestTorrent {
  readonly spec: StorageSpec;
  readonly layout: FileLayout;
  readonly content: Uint8Array;

  constructor(options: TestTorrentOptions) {
    const { files, pieceLength = 2 * BLOCK_LENGTH } = options;
    this.layout = new FileLayout(
      files.map((file) => file.length),
      pieceLength,
    );
    this.content = randomBytes(this.layout.totalLength, 1);
    files.forEach((file, index) => {
      if (file.isPadding) this.bytesOf(index).fill(0);
    });
    this.spec = {
      directory: options.directory,
      files: files.map(complete),
      pieceLength,
      pieceHashes: this.#hashes(),
      partsPath: options.partsPath ?? '.parts/parts',
      partsDirectory: null,
      overwrite: options.overwrite ?? false,
    };
  }

  get pieceCount(): number {
    return this.layout.pieceCount;
  }

  /** The same torrent with another selection or place. */
  with(changes: Partial<StorageSpec>): StorageSpec {
    return { ...this.spec, ...changes };
  }

  /** The same torrent with only the files wanted that `wanted` names by index. */
  selecting(wanted: readonly number[]): StorageSpec {
    const files = this.spec.files.map((file, index) => ({ ...file, isWanted: wanted.includes(index) }));
    return { ...this.spec, files };
  }

  /** What file `file` must contain. A view. */
  bytesOf(file: number): Uint8Array {
    const start = this.layout.fileOffset(file);
    return this.content.subarray(start, start + this.layout.fileLength(file));
  }

  /** What `piece` must contain. A view. */
  bytesOfPiece(piece: number): Uint8Array {
    const start = this.layout.pieceOffset(piece);
    return this.content.subarray(start, start + this.layout.lengthOfPiece(piece));
  }

  bytesOfBlock(piece: number, block: number): Uint8Array {
    const start = block * BLOCK_LENGTH;
    return this.bytesOfPiece(piece).subarray(start, start + this.layout.lengthOfBlock(piece, block));
  }

  #hashes(): Uint8Array {
    const hashes = new Uint8Array(20 * this.layout.pieceCount);
    for (let piece = 0; piece < this.layout.pieceCount; piece++) {
      hashes.set(sha1(this.bytesOfPiece(piece)), 20 * piece);
    }
    return hashes;
  }
}

export function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}

export function randomBytes(length: number, seed: number): Uint8Array {
  const random = new SeededRandom(seed);
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = random.uint32();
  return new Uint8Array(words.buffer, 0, length);
}

function complete(file: TestFile): StorageFile {
  return {
    path: file.path,
    length: file.length,
    isPadding: file.isPadding ?? false,
    isWanted: file.isWanted ?? true,
    isExecutable: file.isExecutable ?? false,
    symlinkTarget: file.symlinkTarget ?? null,
  };
}
