/**
 * Owns the one line that shows how all torrents of the run stand, cut to the width of the terminal. Pure.
 */
import type { ProgressEvent } from '../client/index.ts';
import { formatCount, formatEta, formatRate, formatShare } from './format.ts';
import { isWaiting, progressSentence } from './sentences.ts';
import { fitText, printable, textWidth } from './terminal-text.ts';

/** A name shorter than this says nothing; then the line does without. */
const MIN_NAME_COLUMNS = 6;
const SEPARATOR = '  ';

/** The line for the newest progress of each torrent, in at most `columns` columns. */
export function progressLine(torrents: readonly ProgressEvent[], columns: number): string {
  if (torrents.length === 0) return fitText('starting', columns);
  if (torrents.length > 1) return fitText(summary(torrents), columns);
  const [torrent] = torrents as [ProgressEvent];
  return joinName(printable(torrent.name), progressSentence(torrent), columns);
}

/** The numbers matter more than the name, so the name gives way. */
function joinName(name: string, text: string, columns: number): string {
  const room = columns - textWidth(text) - SEPARATOR.length;
  if (room < Math.min(MIN_NAME_COLUMNS, textWidth(name))) return fitText(text, columns);
  return `${fitText(name, room)}${SEPARATOR}${text}`;
}

function summary(torrents: readonly ProgressEvent[]): string {
  const sum = (pick: (torrent: ProgressEvent) => number): number =>
    torrents.reduce((total, torrent) => total + pick(torrent), 0);
  const done = torrents.filter((torrent) => torrent.verifiedBytes >= torrent.wantedBytes).length;
  const rate = sum((torrent) => torrent.downloadRate);
  const left = sum((torrent) => torrent.wantedBytes - torrent.verifiedBytes);
  const parts = [
    `${done} of ${torrents.length} torrents`,
    formatShare(
      sum((torrent) => torrent.verifiedBytes),
      sum((torrent) => torrent.wantedBytes),
    ),
  ];
  const waiting = torrents.find(isWaiting);
  if (rate > 0 || waiting === undefined) {
    parts.push(
      formatRate(rate),
      formatCount(
        sum((torrent) => torrent.connectedPeers),
        'peer',
      ),
    );
    if (rate > 0) parts.push(formatEta(left / rate));
  } else parts.push(`${printable(waiting.name)}: ${printable(waiting.diagnosis.sentence)}`);
  return parts.join(SEPARATOR);
}
