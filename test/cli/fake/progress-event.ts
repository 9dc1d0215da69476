/** Owns a progress event for tests: a torrent that downloads happily, with what a test changes. */
import type { ClientEvent, ProgressEvent } from '../../../src/client/api.ts';

export function progressEvent(
  changes: Partial<ProgressEvent> & { readonly time?: string } = {},
): ProgressEvent & ClientEvent {
  return {
    event: 'progress',
    time: '2024-01-01T00:00:00.000Z',
    infoHash: 'aa',
    name: 'example',
    state: 'downloading',
    diagnosis: { code: 'downloading', sentence: 'downloading from 3 peers' },
    pieceCount: 100,
    verifiedPieces: 40,
    totalBytes: 1_000_000,
    wantedBytes: 1_000_000,
    verifiedBytes: 400_000,
    checkedPieces: 0,
    downloadedBytes: 410_000,
    uploadedBytes: 0,
    wastedBytes: 10_000,
    downloadRate: 100_000,
    uploadRate: 0,
    etaSeconds: 6,
    connectedPeers: 3,
    connectingPeers: 1,
    knownPeers: 20,
    connectedSeeds: 2,
    unchokingPeers: 3,
    idleMs: 10,
    ...changes,
  };
}
