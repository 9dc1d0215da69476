/** Owns the one sentence that says what a torrent does and, when nothing comes, why. Pure. */
import type { TorrentSnapshot } from '../../client/index.ts';
import type { SessionModel } from '../data/session-model.ts';
import type { TorrentModel } from '../data/torrent-model.ts';
import type { Color, Line } from '../text/line.ts';
import { span } from '../text/line.ts';

/** Diagnoses of a download that gets data as fast as it can. */
const FLOWING: ReadonlySet<string> = new Set(['downloading', 'disk-bound']);

/** The colour of a torrent's state: all is well, busy, in trouble. */
export function stateColor(snapshot: TorrentSnapshot | null): Color {
  switch (snapshot?.state) {
    case 'error':
      return 'red';
    case 'complete':
    case 'seeding':
      return 'green';
    case 'downloading':
      return FLOWING.has(snapshot.diagnosis.code) ? 'green' : 'yellow';
    default:
      return 'cyan';
  }
}

export function statusLine(session: SessionModel, torrent: TorrentModel): Line {
  const color = stateColor(torrent.snapshot);
  return [span('● ', { color }), span(statusSentence(session, torrent), color === 'red' ? { color } : {})];
}

export function statusSentence(session: SessionModel, torrent: TorrentModel): string {
  const { snapshot } = torrent;
  const isLeaving = session.isClosing || snapshot?.state === 'stopping';
  if (isLeaving && snapshot?.state !== 'error') return goodbyeSentence(torrent);
  return snapshot === null ? 'starting' : snapshot.diagnosis.sentence;
}

/** Who is still to be told that we leave. */
function goodbyeSentence(torrent: TorrentModel): string {
  if (torrent.isStopped) return 'stopped; everything is written';
  const { trackersToTell, trackersTold } = torrent.goodbye;
  const peers = torrent.snapshot?.connectedPeers ?? 0;
  if (trackersToTell === 0) {
    return peers === 0 ? 'finishing the writes' : 'saying goodbye to peers, finishing the writes';
  }
  const told = Math.min(trackersTold, trackersToTell);
  if (told === trackersToTell) return 'all trackers know that we leave; finishing the writes';
  return `saying goodbye: ${told} of ${trackersToTell === 1 ? '1 tracker' : `${trackersToTell} trackers`} answered`;
}
