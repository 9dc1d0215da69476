/**
 * Owns what people read: events as sentences, and errors as one line. Pure.
 */
import type { ClientEvent, ProgressEvent } from '../client/index.ts';
import { formatBytes, formatCount, formatDuration, formatEta, formatRate, formatShare } from './format.ts';
import { printable } from './terminal-text.ts';

/** `spate: SENTENCE`, on one line. */
export function errorLine(sentence: string): string {
  return `spate: ${printable(sentence.trim().replaceAll(/\s*\n\s*/g, ' '))}\n`;
}

/**
 * What a person wants to know of `event`, without the torrent's name; null for what only matters in numbers.
 */
export function eventSentence(event: ClientEvent): string | null {
  switch (event.event) {
    case 'metadata':
      return metadataSentence(event);
    case 'checked':
      if (event.verifiedBytes === 0) return null;
      return `${formatShare(event.verifiedBytes, event.wantedBytes)} of the data is here already and verified`;
    case 'peer-disconnected':
      return event.isBanned ? `banned ${printable(event.peer)}: ${printable(event.message)}` : null;
    case 'piece-failed':
      return `piece ${event.piece} arrived damaged and is fetched again`;
    case 'state':
      return printable(event.message);
    case 'tracker':
      return event.ok ? null : `tracker ${printable(event.url)}: ${printable(event.message)}`;
    case 'completed':
      return completedSentence(event);
    case 'share-limit':
      return event.limit === 'ratio'
        ? `gave back enough: ${formatBytes(event.uploadedBytes)} sent`
        : `seeded long enough: ${formatDuration(event.seedingMs / 1000)}, ${formatBytes(event.uploadedBytes)} sent`;
    case 'stopped':
      return stoppedSentence(event);
    default:
      return null;
  }
}

/** The state of a torrent in one sentence: numbers while data comes, the reason while none does. */
export function progressSentence(progress: ProgressEvent): string {
  switch (progress.state) {
    case 'opening':
      return 'preparing the files';
    case 'checking':
      return `checking what is here: ${formatShare(progress.checkedPieces, progress.pieceCount)}`;
    case 'downloading':
      return isWaiting(progress)
        ? `${progressShare(progress)}, ${printable(progress.diagnosis.sentence)}`
        : downloadingSentence(progress);
    case 'seeding':
      return `${printable(progress.diagnosis.sentence)}, ${formatRate(progress.uploadRate)}, ${formatBytes(progress.uploadedBytes)} sent`;
    case 'stopping':
      return 'stopping';
    default:
      return printable(progress.diagnosis.sentence);
  }
}

/** The torrent wants data and gets none; its diagnosis says why. */
export function isWaiting(progress: ProgressEvent): boolean {
  return progress.state === 'downloading' && !FLOWING.has(progress.diagnosis.code);
}

/** Diagnoses of a download that gets data. */
const FLOWING: ReadonlySet<string> = new Set(['downloading', 'limited', 'disk-bound']);

export function progressShare(progress: ProgressEvent): string {
  return formatShare(progress.verifiedBytes, progress.wantedBytes);
}

function downloadingSentence(progress: ProgressEvent): string {
  const share = `${progressShare(progress)} of ${formatBytes(progress.wantedBytes)}`;
  const peers = formatCount(progress.connectedPeers, 'peer');
  const why = progress.diagnosis.code === 'downloading' ? '' : `, ${printable(progress.diagnosis.sentence)}`;
  return `${share}, ${formatRate(progress.downloadRate)}, ${peers}, ${formatEta(progress.etaSeconds)}${why}`;
}

function metadataSentence(event: Extract<ClientEvent, { event: 'metadata' }>): string {
  const all = `${formatBytes(event.totalBytes)} in ${formatCount(event.fileCount, 'file')}`;
  return event.wantedBytes === event.totalBytes
    ? all
    : `${formatBytes(event.wantedBytes)} selected of ${all}`;
}

function completedSentence(event: Extract<ClientEvent, { event: 'completed' }>): string {
  if (!event.downloadedNow) return 'complete: all of it was here already';
  const seconds = event.durationMs / 1000;
  const rate = seconds > 0 ? ` (${formatRate(event.downloadedBytes / seconds)})` : '';
  return `complete: ${formatBytes(event.downloadedBytes)} in ${formatDuration(seconds)}${rate}`;
}

/** Only for a torrent that stops before its end; a complete one has had its sentence. */
function stoppedSentence(event: Extract<ClientEvent, { event: 'stopped' }>): string | null {
  if (event.verifiedBytes >= event.wantedBytes) return null;
  return `stopped at ${formatShare(event.verifiedBytes, event.wantedBytes)}; the same command goes on from there`;
}
