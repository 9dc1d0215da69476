/**
 * Owns how the parts of a torrent lie in the tables: columns, their order, the packing of arrays, and the checksum that
 * each row carries.
 *
 * The checksum (CRC-32 over table, info hash and all values) is what keeps a flipped bit in a bit field from becoming a
 * false claim: SQLite has none of its own. Reading throws `StateDamage` for whatever was not written by this program.
 */
import { crc32 } from 'node:zlib';
import type {
  PartialPieceRecord,
  ResumeData,
  TorrentProgress,
  TorrentSettings,
} from '../../ports/state-store.ts';
import type { SqlRow, SqlValue } from './sql-database.ts';
import { StateDamage } from './state-failures.ts';

/** One part of a torrent in a table of its own. */
export interface StatePart<T> {
  readonly table: string;
  /** Without the torrent's id and the checksum. */
  readonly columns: readonly string[];
  toValues(part: T): SqlRow;
  /** `row` has the columns' values from `at` on, their checksum verified. */
  fromValues(row: SqlRow, at: number): T;
}

export const SETTINGS: StatePart<TorrentSettings> = {
  table: 'torrent',
  columns: [
    'directory',
    'selected_files',
    'peers',
    'use_trackers',
    'is_paused',
    'is_seeding',
    'is_super_seeding',
    'max_down_rate',
    'max_up_rate',
    'max_ratio',
    'max_seeding_ms',
  ],
  toValues: (settings) => [
    // SQLite keeps UTF-8, which has no lone surrogates.
    settings.directory.toWellFormed(),
    settings.selectedFiles === null ? null : bytesOf(Uint32Array.from(settings.selectedFiles)),
    JSON.stringify(settings.peers),
    Number(settings.useTrackers),
    Number(settings.isPaused),
    Number(settings.isSeeding),
    Number(settings.isSuperSeeding),
    settings.maxDownRate,
    settings.maxUpRate,
    settings.maxRatio,
    settings.maxSeedingMs,
  ],
  fromValues: (row, at) => ({
    directory: text(row[at]),
    selectedFiles: row[at + 1] === null ? null : [...new Uint32Array(aligned(row[at + 1], 4))],
    peers: texts(row[at + 2]),
    useTrackers: number(row[at + 3]) === 1,
    isPaused: number(row[at + 4]) === 1,
    isSeeding: number(row[at + 5]) === 1,
    isSuperSeeding: number(row[at + 6]) === 1,
    maxDownRate: number(row[at + 7]),
    maxUpRate: number(row[at + 8]),
    maxRatio: numberOrNull(row[at + 9]),
    maxSeedingMs: numberOrNull(row[at + 10]),
  }),
};

export const PROGRESS: StatePart<TorrentProgress> = {
  table: 'progress',
  columns: [
    'uploaded_bytes',
    'downloaded_bytes',
    'wasted_bytes',
    'added_at',
    'completed_at',
    'active_ms',
    'seeding_ms',
    'completed_announced',
    'good_peers',
  ],
  toValues: (progress) => [
    progress.uploadedBytes,
    progress.downloadedBytes,
    progress.wastedBytes,
    progress.addedAt,
    progress.completedAt,
    progress.activeMs,
    progress.seedingMs,
    Number(progress.completedAnnounced),
    JSON.stringify(progress.goodPeers),
  ],
  fromValues: (row, at) => ({
    uploadedBytes: number(row[at]),
    downloadedBytes: number(row[at + 1]),
    wastedBytes: number(row[at + 2]),
    addedAt: number(row[at + 3]),
    completedAt: numberOrNull(row[at + 4]),
    activeMs: number(row[at + 5]),
    seedingMs: number(row[at + 6]),
    completedAnnounced: number(row[at + 7]) === 1,
    goodPeers: texts(row[at + 8]),
  }),
};

export const RESUME: StatePart<ResumeData> = {
  table: 'resume',
  columns: ['piece_count', 'verified', 'partials', 'file_lengths', 'file_times', 'boot_id'],
  toValues: ({ pieceCount, verified, partials, files, bootId }) => [
    pieceCount,
    verified,
    packPartials(partials),
    bytesOf(files.lengths),
    bytesOf(files.modifiedAt),
    bootId?.toWellFormed() ?? null,
  ],
  fromValues(row, at) {
    const pieceCount = number(row[at]);
    const verified = blob(row[at + 1]);
    const lengths = new Float64Array(aligned(row[at + 3], 8));
    const modifiedAt = new Float64Array(aligned(row[at + 4], 8));
    if (verified.length !== (pieceCount + 7) >>> 3 || lengths.length !== modifiedAt.length) throw misshapen();
    return {
      pieceCount,
      verified,
      partials: unpackPartials(blob(row[at + 2])),
      files: { lengths, modifiedAt },
      bootId: row[at + 5] === null ? null : text(row[at + 5]),
    };
  },
};

export const METAINFO: StatePart<Uint8Array> = {
  table: 'metainfo',
  columns: ['bytes'],
  toValues: (bytes) => [bytes],
  fromValues: (row, at) => blob(row[at]),
};

/** Checksum of a row's values. */
export function sumOf(table: string, infoHash: string, values: SqlRow): number {
  const scalars = values.map((value) => (value instanceof Uint8Array ? value.length : value));
  let sum = crc32(JSON.stringify([table, infoHash, scalars]));
  for (const value of values) if (value instanceof Uint8Array) sum = crc32(value, sum);
  return sum;
}

/**
 * The part whose values, checksum behind them, begin at `at`; null when the row has none (an outer join). Throws
 * `StateDamage` when they are not what was written.
 */
export function readPart<T>(part: StatePart<T>, infoHash: string, row: SqlRow, at: number): T | null {
  const sum = row[at + part.columns.length];
  if (sum === null) return null;
  if (sum !== sumOf(part.table, infoHash, row.slice(at, at + part.columns.length))) {
    throw new StateDamage(`a checksum in the table "${part.table}" does not match`);
  }
  return part.fromValues(row, at);
}

function packPartials(partials: readonly PartialPieceRecord[]): Uint8Array {
  const length = partials.reduce((sum, { blocks }) => sum + 8 + blocks.length, 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { piece, blocks } of partials) {
    view.setUint32(at, piece);
    view.setUint32(at + 4, blocks.length);
    bytes.set(blocks, at + 8);
    at += 8 + blocks.length;
  }
  return bytes;
}

function unpackPartials(bytes: Uint8Array): PartialPieceRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const partials: PartialPieceRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8) throw misshapen();
    const length = view.getUint32(at + 4);
    if (length > bytes.length - at - 8) throw misshapen();
    partials.push({ piece: view.getUint32(at), blocks: bytes.slice(at + 8, at + 8 + length) });
    at += 8 + length;
  }
  return partials;
}

function bytesOf(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A copy of a blob for an array of elements of `elementLength` bytes. The byte order is the machine's own. */
function aligned(value: SqlValue | undefined, elementLength: number): ArrayBuffer {
  const bytes = blob(value);
  if (bytes.length % elementLength !== 0) throw misshapen();
  return new Uint8Array(bytes).buffer;
}

function text(value: SqlValue | undefined): string {
  if (typeof value !== 'string') throw misshapen();
  return value;
}

function texts(value: SqlValue | undefined): string[] {
  const list = parseJson(text(value));
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) throw misshapen();
  return list;
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    // Any error of the parser means the same: this program did not write it.
    throw misshapen();
  }
}

function number(value: SqlValue | undefined): number {
  if (typeof value !== 'number') throw misshapen();
  return value;
}

function numberOrNull(value: SqlValue | undefined): number | null {
  return value === null ? null : number(value);
}

function blob(value: SqlValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw misshapen();
  return value;
}

function misshapen(): StateDamage {
  return new StateDamage('a value does not have the shape that it was written in');
}
