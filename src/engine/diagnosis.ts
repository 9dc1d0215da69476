/**
 * Owns one decision: what to tell a person about why a torrent is where it is. Pure: facts in, code and sentence out.
 */
import type { Diagnosis, TorrentState } from './events.ts';

export interface DiagnosisFacts {
  readonly state: TorrentState;
  readonly errorSentence: string | null;
  readonly checkedPieces: number;
  readonly pieceCount: number;
  readonly downloadRate: number;
  readonly idleMs: number;
  readonly connectedPeers: number;
  readonly diallingPeers: number;
  readonly knownPeers: number;
  readonly interestingPeers: number;
  readonly unchokingPeers: number;
  readonly snubbedPeers: number;
  /** A needed piece that no connected peer has. */
  /** Peers that want data from us, and those of them that may have it. */
  readonly interestedPeers: number;
  readonly unchokedPeers: number;
  readonly hasUnavailablePieces: boolean;
  /** Requests wait for free slots of the arena. */
  readonly isDiskBound: boolean;
  /** Bytes a second of the limit that holds the download back; 0 when none does. */
  readonly limitedTo: number;
  readonly trackerCount: number;
  readonly trackersAllFailed: boolean;
  readonly lastTrackerFailure: { readonly url: string; readonly message: string } | null;
  readonly nextAnnounceInMs: number | null;
}

/** A download that got a block in this time is not stuck. */
const RECENT_MS = 5000;

export function diagnose(facts: DiagnosisFacts): Diagnosis {
  switch (facts.state) {
    case 'opening':
      return { code: 'opening', sentence: 'preparing the files' };
    case 'checking':
      return {
        code: 'checking',
        sentence: `checking existing data, piece ${facts.checkedPieces} of ${facts.pieceCount}`,
      };
    case 'complete':
      return { code: 'complete', sentence: 'everything is downloaded and verified' };
    case 'seeding':
      return { code: 'seeding', sentence: seedingWords(facts) };
    case 'paused':
      return { code: 'paused', sentence: 'paused' };
    case 'stopping':
      return { code: 'stopping', sentence: 'saying goodbye to peers and trackers' };
    case 'stopped':
      return { code: 'stopped', sentence: 'stopped' };
    case 'error':
      return { code: 'error', sentence: facts.errorSentence ?? 'stopped by an error' };
    case 'downloading':
      return facts.connectedPeers === 0 ? withoutPeers(facts) : withPeers(facts);
  }
}

function withPeers(facts: DiagnosisFacts): Diagnosis {
  const peers = count(facts.connectedPeers, 'peer');
  if (facts.idleMs < RECENT_MS && facts.downloadRate > 0) {
    if (facts.limitedTo > 0) {
      return { code: 'limited', sentence: `limited to ${rateWords(facts.limitedTo)} by --max-down` };
    }
    if (facts.isDiskBound) return { code: 'disk-bound', sentence: 'as fast as the disk can write' };
    return { code: 'downloading', sentence: `downloading from ${count(facts.unchokingPeers, 'peer')}` };
  }
  if (facts.interestingPeers === 0) {
    return {
      code: 'nothing-to-get',
      sentence: `connected to ${peers}, but none has a piece that is still missing`,
    };
  }
  if (facts.unchokingPeers === 0) {
    return { code: 'all-choked', sentence: `waiting for one of ${peers} to let us download (all choke us)` };
  }
  if (facts.snubbedPeers >= facts.unchokingPeers) {
    return {
      code: 'all-snubbed',
      sentence: `${count(facts.snubbedPeers, 'peer')} promised data and sent none`,
    };
  }
  if (facts.hasUnavailablePieces && facts.idleMs > RECENT_MS) {
    return {
      code: 'unavailable-pieces',
      sentence: `connected to ${peers}, but some pieces are with none of them`,
    };
  }
  return {
    code: 'waiting-for-data',
    sentence: `waiting for data from ${count(facts.unchokingPeers, 'peer')}`,
  };
}

function withoutPeers(facts: DiagnosisFacts): Diagnosis {
  if (facts.diallingPeers > 0) {
    return { code: 'connecting', sentence: `connecting to ${count(facts.diallingPeers, 'peer')}` };
  }
  const trackers = trackerWords(facts);
  if (facts.knownPeers > 0) {
    const known = `${count(facts.knownPeers, 'known peer')} could not be reached, trying again later`;
    return { code: 'unreachable-peers', sentence: trackers === null ? known : `${known}; ${trackers}` };
  }
  if (facts.trackerCount === 0) {
    return { code: 'no-source', sentence: 'no peers: there is no tracker to ask; name a peer with --peer' };
  }
  if (facts.trackersAllFailed) return { code: 'trackers-failed', sentence: `no peers: ${trackers}` };
  if (facts.lastTrackerFailure === null && facts.nextAnnounceInMs === null) {
    return { code: 'announcing', sentence: 'asking trackers for peers' };
  }
  return { code: 'no-peers', sentence: `no peers: the trackers know of none${nextWords(facts)}` };
}

function seedingWords(facts: DiagnosisFacts): string {
  if (facts.interestedPeers === 0) {
    return facts.connectedPeers === 0
      ? 'seeding: nobody is connected'
      : `seeding: none of ${count(facts.connectedPeers, 'peer')} wants anything`;
  }
  return `seeding to ${facts.unchokedPeers} of ${count(facts.interestedPeers, 'interested peer')}`;
}

function rateWords(rate: number): string {
  if (rate >= 1e6) return `${Number((rate / 1e6).toPrecision(3))} MB/s`;
  return rate >= 1e3 ? `${Number((rate / 1e3).toPrecision(3))} kB/s` : `${rate} B/s`;
}

function trackerWords(facts: DiagnosisFacts): string | null {
  const failure = facts.lastTrackerFailure;
  if (!facts.trackersAllFailed || failure === null) return null;
  return facts.trackerCount === 1
    ? `tracker ${failure.url} failed (${failure.message})`
    : `all ${facts.trackerCount} trackers failed, last ${failure.url} (${failure.message})`;
}

function nextWords(facts: DiagnosisFacts): string {
  if (facts.nextAnnounceInMs === null) return '';
  return `, asking again in ${Math.max(1, Math.round(facts.nextAnnounceInMs / 1000))} s`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
