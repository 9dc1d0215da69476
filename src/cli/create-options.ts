/**
 * Owns what the options of `spate create` mean: text in, checked values out, `InputError` in one sentence for nonsense.
 * What only the library knows, such as which URLs trackers have, is left to it.
 */
import { resolve } from 'node:path';
import { InputError, type TorrentFormat } from '../client/index.ts';

/** As the command line parser gives them. */
export interface RawCreateOptions {
  readonly out?: string;
  readonly tracker?: readonly string[];
  readonly webSeed?: readonly string[];
  readonly pieceLength?: string;
  readonly private?: boolean;
  readonly comment?: string;
  readonly source?: string;
  readonly v1?: boolean;
  readonly v2?: boolean;
  readonly hybrid?: boolean;
  readonly date: boolean;
  readonly exclude?: readonly string[];
}

export interface CreateOptions {
  /** Absolute. */
  readonly path: string;
  /** As given; null for the default. */
  readonly out: string | null;
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  readonly pieceLength: number | 'auto';
  readonly isPrivate: boolean;
  readonly comment: string | undefined;
  readonly source: string | undefined;
  readonly format: TorrentFormat;
  readonly withDate: boolean;
  readonly exclude: readonly string[];
}

/** Everybody writes piece lengths in powers of two, so every unit means one, with and without the i. */
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2 };

/** Throws `InputError`. */
export function createOptions(path: string, raw: RawCreateOptions): CreateOptions {
  if (path === '') throw new InputError('usage', 'the path is empty');
  if (raw.out === '') throw new InputError('usage', 'option --out is empty');
  const formats = (['v1', 'v2', 'hybrid'] as const).filter((format) => raw[format] === true);
  if (formats.length > 1) {
    throw new InputError('usage', `options --${formats[0]} and --${formats[1]} exclude each other`);
  }
  return {
    path: resolve(path),
    out: raw.out ?? null,
    trackers: raw.tracker ?? [],
    webSeeds: raw.webSeed ?? [],
    pieceLength: parsePieceLength(raw.pieceLength ?? 'auto'),
    isPrivate: raw.private ?? false,
    comment: raw.comment,
    source: raw.source,
    format: formats[0] ?? 'v1',
    withDate: raw.date,
    exclude: raw.exclude ?? [],
  };
}

/** `auto`, bytes, or `256k`, `256KiB`, `1M`, `1MiB`. */
export function parsePieceLength(text: string): number | 'auto' {
  if (text === 'auto') return 'auto';
  const match = /^(\d{1,9})\s*(?:([km])(?:i?b?)?)?$/i.exec(text);
  const length = Number(match?.[1]) * (UNITS[(match?.[2] ?? '').toLowerCase()] ?? Number.NaN);
  if (match === null || !Number.isInteger(Math.log2(length)) || length < 2 ** 14 || length > 2 ** 28) {
    const form = 'auto or a power of two from 16 KiB to 256 MiB, like 262144, 256k or 1M';
    throw new InputError('usage', `option --piece-length is '${text}', not ${form}`);
  }
  return length;
}
