/** Owns the list of torrents as lines, and what they add up to. Pure. */
import { formatBytes, formatCount, formatRate, formatShare } from '../../cli/format.ts';
import type { TorrentModel } from '../data/torrent-model.ts';
import { cell, DIM, highlight, type Line, type Span, span } from '../text/line.ts';
import { etaWords } from '../text/words.ts';
import { thinBar } from './bar.ts';
import { shareOf } from './progress-lines.ts';
import { stateColor } from './status-line.ts';

const BAR_COLUMNS = 12;
const MIN_COLUMNS_WITH_BAR = 76;
const MIN_COLUMNS_WITH_SIZE = 60;
const MIN_COLUMNS_WITH_ETA = 92;

/** The lines of the torrents `first` to `first + rows`; the one at `chosen` stands out. */
export function torrentRows(
  torrents: readonly TorrentModel[],
  chosen: number,
  first: number,
  rows: number,
  columns: number,
): Line[] {
  return torrents.slice(first, first + rows).map((torrent, index) => {
    const line = torrentLine(torrent, columns);
    return first + index === chosen ? highlight(line) : line;
  });
}

/** `3 torrents, 1 complete` and the sum of the rates. */
export function listSummary(torrents: readonly TorrentModel[]): {
  readonly left: Line;
  readonly right: Line;
} {
  const done = torrents.filter(({ snapshot }) => isComplete(snapshot)).length;
  const rate = torrents.reduce((sum, { snapshot }) => sum + (snapshot?.downloadRate ?? 0), 0);
  const complete = done === 0 ? '' : `, ${done} complete`;
  return {
    left: [span(`${formatCount(torrents.length, 'torrent')}${complete}`, { bold: true })],
    right: [span('↓ ', { color: 'green' }), cell(formatRate(rate), 9, { bold: true }, 'right')],
  };
}

function torrentLine({ name, snapshot }: TorrentModel, columns: number): Line {
  const { part, whole } = shareOf(snapshot);
  const color = stateColor(snapshot);
  const right: Span[] = [];
  if (columns >= MIN_COLUMNS_WITH_SIZE) {
    right.push(cell(formatBytes(snapshot?.wantedBytes ?? 0), 9, DIM, 'right'), span('  '));
  }
  if (columns >= MIN_COLUMNS_WITH_BAR) {
    right.push(...thinBar(whole === 0 ? 1 : part / whole, BAR_COLUMNS, { color }));
  }
  right.push(cell(formatShare(part, whole), 7, {}, 'right'));
  right.push(cell(stateWords(snapshot), 12, snapshot?.state === 'error' ? { color: 'red' } : {}, 'right'));
  if (columns >= MIN_COLUMNS_WITH_ETA)
    right.push(cell(etaWords(snapshot?.etaSeconds ?? null), 16, DIM, 'right'));
  const rightWidth = right.reduce((sum, { text }) => sum + text.length, 0);
  const nameRoom = Math.max(0, columns - rightWidth - 2);
  return [span('● ', { color }), cell(name, nameRoom), ...right];
}

/** The rate while data comes, else the state in a word. */
function stateWords(snapshot: TorrentModel['snapshot']): string {
  if (snapshot === null) return 'starting';
  if (snapshot.state === 'seeding') return `↑ ${formatRate(snapshot.uploadRate)}`;
  if (isComplete(snapshot)) return 'complete';
  if (snapshot.state === 'error') return 'failed';
  if (snapshot.state !== 'downloading') return snapshot.state;
  return snapshot.downloadRate > 0 ? formatRate(snapshot.downloadRate) : 'waiting';
}

function isComplete(snapshot: TorrentModel['snapshot']): boolean {
  return (
    snapshot !== null &&
    snapshot.state !== 'error' &&
    snapshot.state !== 'checking' &&
    snapshot.state !== 'opening' &&
    snapshot.verifiedBytes >= snapshot.wantedBytes
  );
}
