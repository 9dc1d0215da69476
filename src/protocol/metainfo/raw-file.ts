/**
 * Owns the shape of a file as the torrent states it, before its path is made safe, and the reading of what v1
 * and v2 files have in common: attributes and symlink targets (BEP 47).
 */
import { type Field, textOf } from './field.ts';
import { MAX_PART_BYTES } from './metainfo-limits.ts';
import { MAX_PATH_DEPTH } from './safe-path.ts';

export interface RawFile {
  /** Where the torrent describes it. */
  readonly field: Field;
  /** Path without the top folder; for a single file its name. Not safe. */
  readonly parts: readonly string[];
  readonly length: number;
  readonly isPadding: boolean;
  readonly isExecutable: boolean;
  readonly isHidden: boolean;
  /** Target of a symlink relative to the top folder, not safe; null when the file is none. */
  readonly linkParts: readonly string[] | null;
  /** 32 bytes; null for v1 and for empty files (BEP 52). */
  readonly piecesRoot: Uint8Array | null;
}

export interface RawAttributes {
  readonly isPadding: boolean;
  readonly isExecutable: boolean;
  readonly isHidden: boolean;
  readonly linkParts: readonly string[] | null;
}

const NO_ATTRIBUTES: RawAttributes = {
  isPadding: false,
  isExecutable: false,
  isHidden: false,
  linkParts: null,
};

/**
 * The attributes in a file's dictionary; unknown letters mean nothing. Padding is never a symlink as well.
 */
export function readAttributes(file: Field): RawAttributes {
  const field = file.get('attr');
  if (field === null) return NO_ATTRIBUTES;
  field.requireBytes();
  const letters = textOf(field.node, MAX_PART_BYTES)!;
  const isPadding = letters.includes('p');
  const isLink = letters.includes('l') && !isPadding;
  return {
    isPadding,
    isExecutable: letters.includes('x'),
    isHidden: letters.includes('h'),
    linkParts: isLink ? readParts(file.require('symlink path')) : null,
  };
}

/** The length in a file's dictionary. A symlink has none, or zero. */
export function readLength(file: Field, isLink: boolean, most: number): number {
  const field = isLink ? file.get('length') : file.require('length');
  return field === null ? 0 : field.requireNumber(0, isLink ? 0 : most);
}

/** The parts of a path that is a list of strings. */
export function readParts(path: Field): string[] {
  const items = path.requireList();
  if (items.length === 0) path.fail('is empty');
  // The top folder is one more part.
  if (items.length >= MAX_PATH_DEPTH) path.fail(`has more than ${MAX_PATH_DEPTH - 1} parts`);
  return items.map(
    (item, index) => textOf(item, MAX_PART_BYTES) ?? path.at(item, index).fail('is not a string'),
  );
}
