/**
 * Owns what `spate check` prints: lines for people, one object for programs. Pure.
 *
 * Pieces are counted from 0, as everywhere.
 */
import type { CheckedFile, CheckedFileState, CheckReport, PieceRange } from '../client/index.ts';
import { formatBytes, formatCount, formatShare } from './format.ts';
import { printable } from './terminal-text.ts';

/** Ranges of pieces that a line for people names; `--json` has them all. */
const MAX_RANGES = 8;

/** What `spate check --json` prints. */
export function checkJson(
  report: CheckReport,
): Omit<CheckReport, 'isComplete'> & { readonly complete: boolean } {
  const { isComplete, ...rest } = report;
  return { complete: isComplete, ...rest };
}

/** A line for each file that is not complete, and one for all together. */
export function renderCheck(report: CheckReport): string {
  const lines = report.files.filter((file) => file.state !== 'complete').map(fileLine);
  lines.push(report.isComplete ? completeLine(report) : incompleteLine(report));
  return `${lines.join('\n')}\n`;
}

function fileLine(file: CheckedFile): string {
  return `${file.state.padEnd(10)}  ${printable(file.path)}: ${REASONS[file.state](file)}`;
}

const REASONS: Readonly<Record<CheckedFileState, (file: CheckedFile) => string>> = {
  complete: () => 'all of it is verified',
  missing: () => 'there is no such file',
  incomplete: (file) => {
    const stored = file.storedLength ?? 0;
    if (stored < file.length) return `${formatBytes(stored)} of ${formatBytes(file.length)} are there`;
    return `an unfinished download, ${formatPieces(file.verifiedPieces, file.pieceCount)} verified`;
  },
  bad: (file) => {
    const stored = file.storedLength ?? 0;
    const excess = stored > file.length ? `${stored - file.length} bytes too long` : null;
    const pieces = file.badPieces.length > 0 ? formatRanges(file.badPieces, file.pieceCount) : null;
    return [excess, pieces].filter((part) => part !== null).join(', ');
  },
  unverified: () => 'shares a piece with a file that is not complete, so its end or start cannot be verified',
  unreadable: (file) => file.error ?? 'it cannot be read',
};

function completeLine(report: CheckReport): string {
  const content = `${formatBytes(report.totalBytes)} in ${formatCount(report.files.length, 'file')}`;
  return `complete: ${content}, ${formatCount(report.pieceCount, 'piece')} verified`;
}

function incompleteLine(report: CheckReport): string {
  const share = formatShare(report.verifiedBytes, report.totalBytes);
  const parts = [`${share} of ${formatBytes(report.totalBytes)} verified`];
  for (const state of ['missing', 'incomplete', 'bad', 'unverified', 'unreadable'] as const) {
    const count = report.files.filter((file) => file.state === state).length;
    if (count > 0) parts.push(`${formatCount(count, 'file')} ${state}`);
  }
  const bad = report.badPieces.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (bad > 0) parts.push(`${formatCount(bad, 'piece')} bad`);
  const missing = report.missingPieces.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (missing > 0) parts.push(`${formatCount(missing, 'piece')} missing`);
  return `not complete: ${parts.join(', ')}`;
}

function formatPieces(count: number, of: number): string {
  return `${count} of ${formatCount(of, 'piece')}`;
}

function formatRanges(ranges: readonly PieceRange[], of: number): string {
  const count = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const named = ranges
    .slice(0, MAX_RANGES)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  const rest = ranges.length > MAX_RANGES ? ', …' : '';
  return `${formatPieces(count, of)} do not match (${named.join(', ')}${rest})`;
}
