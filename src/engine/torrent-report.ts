/**
 * Owns the picture that the outside gets of one torrent: numbers and the words for what is happening.
 */
import type { Time } from '../ports/time.ts';
import { type DiagnosisFacts, diagnose } from './diagnosis.ts';
import type { TorrentSnapshot } from './events.ts';
import type { Torrent } from './torrent.ts';

export function torrentSnapshot(torrent: Torrent, time: Time): TorrentSnapshot {
  const now = time.now();
  const { downloader, swarm, metainfo, layout, selection } = torrent;
  const facts = diagnosisFacts(torrent, now);
  const rate = facts.downloadRate;
  const missing = selection.wantedBytes - torrent.bytes.verifiedWanted;
  return {
    infoHash: torrent.infoHash,
    name: metainfo.name,
    state: torrent.state,
    diagnosis: diagnose(facts),
    pieceCount: layout.pieceCount,
    verifiedPieces: downloader?.states.verified.count ?? 0,
    totalBytes: metainfo.totalLength,
    wantedBytes: selection.wantedBytes,
    verifiedBytes: torrent.bytes.verifiedWanted,
    checkedPieces: torrent.checkedPieces,
    downloadedBytes: torrent.downloadedBytes,
    uploadedBytes: torrent.uploadedBytes,
    wastedBytes: downloader?.wastedBytes ?? 0,
    downloadRate: Math.round(rate),
    uploadRate: Math.round(torrent.uploader?.meter.rate(now) ?? 0),
    etaSeconds: missing === 0 ? 0 : rate >= 1 ? Math.ceil(missing / rate) : null,
    connectedPeers: facts.connectedPeers,
    connectingPeers: swarm === null ? 0 : swarm.size - swarm.readyCount,
    knownPeers: facts.knownPeers,
    connectedSeeds: downloader?.availability.seedCount ?? 0,
    unchokingPeers: facts.unchokingPeers,
    idleMs: Math.round(facts.idleMs),
  };
}

function diagnosisFacts(torrent: Torrent, now: number): DiagnosisFacts {
  const { downloader, swarm } = torrent;
  const trackers = torrent.trackers.summary(now);
  let interestingPeers = 0;
  let unchokingPeers = 0;
  let snubbedPeers = 0;
  let interestedPeers = 0;
  let unchokedPeers = 0;
  for (const peer of swarm?.peers() ?? []) {
    if (!peer.isReady) continue;
    if (peer.peerInterested) interestedPeers++;
    if (peer.peerInterested && !peer.amChoking) unchokedPeers++;
    if (!peer.amInterested) continue;
    interestingPeers++;
    if (peer.peerChoking) continue;
    unchokingPeers++;
    if (peer.isSnubbed) snubbedPeers++;
  }
  return {
    state: torrent.state,
    errorSentence: torrent.errorSentence,
    checkedPieces: torrent.checkedPieces,
    pieceCount: torrent.layout.pieceCount,
    downloadRate: downloader?.meter.rate(now) ?? 0,
    idleMs: now - (downloader?.lastBlockAt ?? torrent.startedAt),
    connectedPeers: swarm?.readyCount ?? 0,
    diallingPeers: swarm?.diallingCount ?? 0,
    knownPeers: swarm?.candidates.dialableCount ?? 0,
    interestingPeers,
    unchokingPeers,
    snubbedPeers,
    interestedPeers,
    unchokedPeers,
    hasUnavailablePieces: downloader?.hasUnavailablePieces ?? false,
    isDiskBound: downloader?.isStarved ?? false,
    limitedTo: downloader?.limitedTo(now) ?? 0,
    trackerCount: trackers.trackerCount,
    trackersAllFailed: trackers.allFailed,
    lastTrackerFailure: trackers.lastFailure,
    nextAnnounceInMs: trackers.nextAnnounceInMs,
  };
}
