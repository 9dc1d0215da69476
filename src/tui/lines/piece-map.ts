/**
 * Owns the map of pieces: cells in the order of the torrent, each for one piece or for several, that show how much of them
 * is verified and, where the swarm is known, what nobody has. Pure.
 */
import type { TorrentModel } from '../data/torrent-model.ts';
import { DIM, type Line, type Span, type Style, span } from '../text/line.ts';

type CellKind = 'have' | 'most' | 'half' | 'some' | 'missing' | 'rare' | 'nowhere' | 'beyond';

const GLYPHS: Readonly<Record<CellKind, string>> = {
  have: '█',
  most: '▓',
  half: '▒',
  some: '░',
  missing: '·',
  rare: '○',
  nowhere: '×',
  beyond: ' ',
};

const HAVE: Style = { color: 'green' };
const PARTLY: Style = { color: 'cyan' };
const RARE: Style = { color: 'yellow' };
const NOWHERE: Style = { color: 'red', bold: true };

const STYLES: Readonly<Record<CellKind, Style>> = {
  have: HAVE,
  most: PARTLY,
  half: PARTLY,
  some: PARTLY,
  missing: DIM,
  rare: RARE,
  nowhere: NOWHERE,
  beyond: DIM,
};

/** A map of at most `rows` lines of `columns` columns; fewer lines when the torrent has fewer pieces. */
export function pieceMap(torrent: TorrentModel, columns: number, rows: number): Line[] {
  const { pieceCount } = torrent.metainfo;
  const cells = Math.min(pieceCount, columns * rows);
  if (cells < 1 || columns < 1) return [];
  return Array.from({ length: Math.min(rows, Math.ceil(cells / columns)) }, (_, row) => {
    const kinds = Array.from({ length: columns }, (_, column) => {
      const index = row * columns + column;
      if (index >= cells) return 'beyond';
      const first = Math.floor((index * pieceCount) / cells);
      const end = Math.floor(((index + 1) * pieceCount) / cells);
      return kindOf(torrent, first, end);
    });
    return runs(kinds);
  });
}

/** How many pieces a cell of the map stands for, at most. */
export function piecesPerCell(pieceCount: number, columns: number, rows: number): number {
  return Math.max(1, Math.ceil(pieceCount / Math.max(1, columns * rows)));
}

/** What the glyphs mean, as far as the swarm is known. */
export function pieceLegend(torrent: TorrentModel): Line {
  const entry = (kind: CellKind, words: string): Span[] => [
    span(GLYPHS[kind], STYLES[kind]),
    span(` ${words}   `, DIM),
  ];
  const known =
    torrent.details === null
      ? []
      : [...entry('rare', 'one peer has it'), ...entry('nowhere', 'no peer has it')];
  return [...entry('have', 'verified'), ...entry('half', 'partly'), ...entry('missing', 'missing'), ...known];
}

function kindOf(torrent: TorrentModel, first: number, end: number): CellKind {
  const { verified } = torrent;
  const have = verified === null ? 0 : verified.pieces(first, end);
  if (have === end - first) return 'have';
  const fewest = fewestCopies(torrent, first, end);
  if (fewest === 0) return 'nowhere';
  if (have === 0) return fewest === 1 ? 'rare' : 'missing';
  const share = have / (end - first);
  return share < 0.34 ? 'some' : share < 0.67 ? 'half' : 'most';
}

/** Copies of the rarest missing piece of a range, or null where the client does not tell. */
function fewestCopies(torrent: TorrentModel, first: number, end: number): number | null {
  const copies = torrent.details?.availability;
  if (copies === undefined || torrent.snapshot?.state !== 'downloading') return null;
  let fewest = Number.POSITIVE_INFINITY;
  for (let piece = first; piece < end; piece++) {
    if (torrent.verified?.has(piece) !== true) fewest = Math.min(fewest, copies[piece] ?? 0);
  }
  return fewest;
}

function runs(kinds: readonly CellKind[]): Line {
  const spans: Span[] = [];
  for (let at = 0; at < kinds.length; ) {
    let end = at;
    while (end < kinds.length && kinds[end] === kinds[at]) end++;
    spans.push(span(GLYPHS[kinds[at]!].repeat(end - at), STYLES[kinds[at]!]));
    at = end;
  }
  return spans;
}
