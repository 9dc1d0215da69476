/**
 * Owns what `--select` means: numbers as `spate show` prints them, or a glob, a file's or a folder's path.
 * Pure.
 */
import { matchesGlob } from 'node:path';
import { InputError, type Metainfo } from '../client/index.ts';
import { fileNumbers, pathInTorrent } from './show.ts';

/** A file that can be selected. */
interface Choice {
  /** Zero-based index in the torrent. */
  readonly index: number;
  readonly number: number;
  /** Relative to the torrent's top folder, as `show` prints it. */
  readonly path: string;
}

/**
 * Zero-based indices, ascending, of the files that any of `selections` names; null when there are none, which
 * means all. Each selection must name a file. Throws `InputError`; `label` says which torrent.
 */
export function selectFiles(
  metainfo: Metainfo,
  selections: readonly string[],
  label: string,
): number[] | null {
  if (selections.length === 0) return null;
  const choices = choicesOf(metainfo);
  const selected = new Set<number>();
  for (const selection of selections) {
    const found = /^[\d,-]+$/.test(selection)
      ? selectByNumbers(selection, choices, label)
      : selectByPath(selection, choices, label);
    for (const choice of found) selected.add(choice.index);
  }
  return [...selected].sort((a, b) => a - b);
}

function choicesOf(metainfo: Metainfo): Choice[] {
  const choices: Choice[] = [];
  const numbers = fileNumbers(metainfo);
  for (const [index, file] of metainfo.files.entries()) {
    const number = numbers[index] ?? null;
    if (number === null) continue;
    choices.push({ index, number, path: pathInTorrent(metainfo, file) });
  }
  return choices;
}

/**
 * `1`, `3-5`, `7-` and lists of them. A range that passes the last file ends there; a number that does not
 * exist is an error.
 */
function selectByNumbers(selection: string, choices: readonly Choice[], label: string): Choice[] {
  const found: Choice[] = [];
  for (const part of selection.split(',')) {
    const match = /^(\d{1,9})(-(\d{1,9})?)?$/.exec(part);
    if (match === null) {
      throw new InputError(
        'bad-selection',
        `option --select is '${selection}', not a list like 1,3-5 or a glob`,
      );
    }
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : match[3] === undefined ? Infinity : Number(match[3]);
    if (last < first)
      throw new InputError('bad-selection', `option --select has ${part}, which runs backwards`);
    const inRange = choices.filter((choice) => choice.number >= first && choice.number <= last);
    if (inRange.length === 0) throw new InputError('bad-selection', noNumber(part, choices, label));
    found.push(...inRange);
  }
  return found;
}

function noNumber(part: string, choices: readonly Choice[], label: string): string {
  const last = choices.at(-1)?.number ?? 0;
  return `option --select has ${part}, but ${label} has the files 1 to ${last} (see 'spate show')`;
}

/**
 * A glob without a slash matches names in any folder, like `*.mkv`; one with a slash matches the path. What
 * is a path in the torrent, letter by letter, selects that file or folder, whatever glob characters it
 * contains.
 */
function selectByPath(selection: string, choices: readonly Choice[], label: string): Choice[] {
  const path = selection.replace(/^\.\//, '').replace(/\/+$/, '');
  const exact = choices.filter((choice) => choice.path === path || choice.path.startsWith(`${path}/`));
  if (exact.length > 0) return exact;
  const glob = path.includes('/') ? path : `**/${path}`;
  const found = choices.filter((choice) => matchesGlob(choice.path, glob));
  if (found.length > 0) return found;
  throw new InputError(
    'bad-selection',
    `option --select '${selection}' matches no file of ${label} (see 'spate show')`,
  );
}
