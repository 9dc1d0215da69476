/**
 * Owns the wording of a torrent's life as events: the engine's values in, the public shapes out.
 */
import type { Failure } from '../ports/failure.ts';
import type { CloseReason } from './close-reason.ts';
import type { EngineEvent } from './events.ts';
import { failureSentence } from './failure-text.ts';
import type { Peer } from './peer.ts';
import type { Torrent } from './torrent.ts';

export function metadataEvent(torrent: Torrent): EngineEvent {
  const { metainfo, layout, selection, infoHash } = torrent;
  return {
    event: 'metadata',
    infoHash,
    name: metainfo.name,
    totalBytes: metainfo.totalLength,
    wantedBytes: selection.wantedBytes,
    pieceLength: metainfo.pieceLength,
    pieceCount: layout.pieceCount,
    fileCount: metainfo.files.filter((file) => !file.isPadding).length,
    isPrivate: metainfo.isPrivate,
  };
}

export function checkedEvent(torrent: Torrent, verifiedPieces: number): EngineEvent {
  const { infoHash, layout, bytes, selection } = torrent;
  return {
    event: 'checked',
    infoHash,
    verifiedPieces,
    pieceCount: layout.pieceCount,
    verifiedBytes: bytes.verifiedWanted,
    wantedBytes: selection.wantedBytes,
  };
}

export function completedEvent(torrent: Torrent, now: number, downloadedNow: boolean): EngineEvent {
  return {
    event: 'completed',
    infoHash: torrent.infoHash,
    downloadedBytes: torrent.downloadedBytes,
    uploadedBytes: torrent.uploadedBytes,
    wastedBytes: torrent.downloader?.wastedBytes ?? 0,
    durationMs: Math.round(now - torrent.startedAt),
    downloadedNow,
  };
}

/** `told` and `notTold`: trackers that heard `stopped`, and that did not answer in time. */
export function stoppedEvent(torrent: Torrent, told: number, notTold: number): EngineEvent {
  return {
    event: 'stopped',
    infoHash: torrent.infoHash,
    downloadedBytes: torrent.downloadedBytes,
    uploadedBytes: torrent.uploadedBytes,
    verifiedBytes: torrent.bytes.verifiedWanted,
    wantedBytes: torrent.selection.wantedBytes,
    trackersToldStopped: told,
    trackersNotTold: notTold,
  };
}

export function errorEvent(infoHash: string | null, failure: Failure): EngineEvent {
  return { event: 'error', infoHash, code: failure.code, message: failureSentence(failure) };
}

export function peerConnectedEvent(infoHash: string, peer: Peer): EngineEvent {
  const { name, client } = peer;
  return { event: 'peer-connected', infoHash, peer: name, client, source: peer.candidate!.source };
}

export function peerDisconnectedEvent(
  infoHash: string,
  peer: Peer,
  reason: CloseReason,
  message: string,
  isBanned: boolean,
): EngineEvent {
  return {
    event: 'peer-disconnected',
    infoHash,
    peer: peer.name,
    reason,
    message,
    isBanned,
    downloadedBytes: peer.downMeter.total,
    uploadedBytes: peer.upload.meter.total,
  };
}

/** A peer that the user named by a name that does not resolve. */
export function peerUnresolvedEvent(infoHash: string, peer: string, failure: Failure): EngineEvent {
  return {
    event: 'peer-disconnected',
    infoHash,
    peer,
    reason: 'dial-failed',
    message: `${peer} could not be resolved: ${failure.code.replaceAll('-', ' ')}`,
    isBanned: false,
    downloadedBytes: 0,
    uploadedBytes: 0,
  };
}
