/** Owns the lines about how far a torrent is: bar with percent, sizes, rates and time left. Pure. */
import { formatBytes, formatRate, formatShare } from '../../cli/format.ts';
import type { TorrentSnapshot } from '../../client/index.ts';
import { BOLD, cell, DIM, type Line, type Span, span } from '../text/line.ts';
import { etaWords } from '../text/words.ts';
import { bar } from './bar.ts';
import { stateColor } from './status-line.ts';

/** ` 100.0%` would not come; `99.9%` and a blank or two. */
const SHARE_COLUMNS = 7;
const RATE_COLUMNS = 9;
const SIZE_COLUMNS = 7;
const ETA_COLUMNS = 16;
const GAP = 3;

/** The share of what is asked for that is there; of what is looked at, while checking. */
export function shareOf(snapshot: TorrentSnapshot | null): { readonly part: number; readonly whole: number } {
  if (snapshot === null) return { part: 0, whole: 1 };
  return snapshot.state === 'checking'
    ? { part: snapshot.checkedPieces, whole: Math.max(1, snapshot.pieceCount) }
    : { part: snapshot.verifiedBytes, whole: snapshot.wantedBytes };
}

export function barLine(snapshot: TorrentSnapshot | null, columns: number): Line {
  const { part, whole } = shareOf(snapshot);
  const share = whole === 0 ? 1 : part / whole;
  const color = stateColor(snapshot);
  return [
    ...bar(share, Math.max(0, columns - SHARE_COLUMNS), { color }),
    cell(formatShare(part, whole), SHARE_COLUMNS, BOLD, 'right'),
  ];
}

/** Size, rates and time left, each in its place; where there is no room for all, the least important go. */
export function numbersLine(snapshot: TorrentSnapshot | null, columns: number): Line {
  const fields = fieldsOf(snapshot);
  const shown = new Set<number>();
  let room = columns + GAP;
  for (const { spans, order } of [...fields].sort((a, b) => a.order - b.order)) {
    const width = widthOf(spans) + GAP;
    if (width > room) break;
    room -= width;
    shown.add(order);
  }
  return fields
    .filter(({ order }) => shown.has(order))
    .flatMap(({ spans }, index) => (index === 0 ? spans : [span(' '.repeat(GAP)), ...spans]));
}

/** In the order of the screen; `order` is their importance. */
function fieldsOf(snapshot: TorrentSnapshot | null): { readonly spans: Line; readonly order: number }[] {
  const down = snapshot?.downloadRate ?? 0;
  const up = snapshot?.uploadRate ?? 0;
  const eta = snapshot === null ? '' : etaWords(snapshot.etaSeconds);
  return [
    {
      order: 2,
      spans: [
        cell(formatBytes(snapshot?.verifiedBytes ?? 0), SIZE_COLUMNS, BOLD, 'right'),
        span(' of ', DIM),
        cell(formatBytes(snapshot?.wantedBytes ?? 0), SIZE_COLUMNS),
      ],
    },
    {
      order: 0,
      spans: [span('↓ ', { color: 'green' }), cell(formatRate(down), RATE_COLUMNS, BOLD, 'right')],
    },
    { order: 3, spans: [span('↑ ', { color: 'blue' }), cell(formatRate(up), RATE_COLUMNS, {}, 'right')] },
    { order: 1, spans: [cell(eta, ETA_COLUMNS)] },
  ];
}

function widthOf(spans: readonly Span[]): number {
  // These are all ASCII but for the arrows, which take one column.
  return spans.reduce((sum, part) => sum + part.text.length, 0);
}
