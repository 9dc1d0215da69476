import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DiagnosisFacts, diagnose } from './diagnosis.ts';

const QUIET: DiagnosisFacts = {
  state: 'downloading',
  errorSentence: null,
  checkedPieces: 0,
  pieceCount: 10,
  downloadRate: 0,
  idleMs: 60_000,
  connectedPeers: 0,
  diallingPeers: 0,
  knownPeers: 0,
  interestingPeers: 0,
  unchokingPeers: 0,
  snubbedPeers: 0,
  interestedPeers: 0,
  unchokedPeers: 0,
  hasUnavailablePieces: false,
  isDiskBound: false,
  limitedTo: 0,
  trackerCount: 1,
  trackersAllFailed: false,
  lastTrackerFailure: null,
  nextAnnounceInMs: null,
};

const failure = { url: 'http://tracker.example/', message: 'connection refused' };

const CASES: [string, Partial<DiagnosisFacts>, string, RegExp][] = [
  ['no tracker and no peer', { trackerCount: 0 }, 'no-source', /--peer/],
  ['trackers not heard yet', {}, 'announcing', /asking trackers/],
  [
    'the tracker refused',
    { trackersAllFailed: true, lastTrackerFailure: failure },
    'trackers-failed',
    /no peers: tracker http:\/\/tracker\.example\/ failed \(connection refused\)/,
  ],
  ['the trackers know nobody', { nextAnnounceInMs: 90_000 }, 'no-peers', /asking again in 90 s/],
  ['dials under way', { diallingPeers: 3, knownPeers: 9 }, 'connecting', /connecting to 3 peers/],
  ['nobody can be reached', { knownPeers: 1 }, 'unreachable-peers', /1 known peer could not be reached/],
  ['peers without what we need', { connectedPeers: 2 }, 'nothing-to-get', /2 peers, but none has/],
  ['everybody chokes us', { connectedPeers: 2, interestingPeers: 1 }, 'all-choked', /all choke us/],
  [
    'everybody is silent',
    { connectedPeers: 1, interestingPeers: 1, unchokingPeers: 1, snubbedPeers: 1 },
    'all-snubbed',
    /1 peer promised data and sent none/,
  ],
  [
    'a piece that nobody has',
    { connectedPeers: 1, interestingPeers: 1, unchokingPeers: 1, hasUnavailablePieces: true },
    'unavailable-pieces',
    /some pieces are with none/,
  ],
  [
    'all is well',
    { connectedPeers: 4, interestingPeers: 4, unchokingPeers: 3, downloadRate: 1e6, idleMs: 10 },
    'downloading',
    /downloading from 3 peers/,
  ],
  [
    'the disk is slow',
    { connectedPeers: 1, unchokingPeers: 1, downloadRate: 1e6, idleMs: 10, isDiskBound: true },
    'disk-bound',
    /disk/,
  ],
  [
    'a limit of our own',
    { connectedPeers: 1, unchokingPeers: 1, downloadRate: 2e6, idleMs: 10, limitedTo: 2e6 },
    'limited',
    /limited to 2 MB\/s by --max-down/,
  ],
  [
    'seeding to some',
    { state: 'seeding', connectedPeers: 5, interestedPeers: 4, unchokedPeers: 3 },
    'seeding',
    /seeding to 3 of 4 interested peers/,
  ],
  ['seeding to nobody', { state: 'seeding' }, 'seeding', /nobody is connected/],
  ['checking', { state: 'checking', checkedPieces: 4 }, 'checking', /piece 4 of 10/],
  ['an error', { state: 'error', errorSentence: 'cannot write x' }, 'error', /cannot write x/],
];

for (const [title, facts, code, sentence] of CASES) {
  test(`diagnosis: ${title}`, () => {
    const diagnosis = diagnose({ ...QUIET, ...facts });
    assert.equal(diagnosis.code, code);
    assert.match(diagnosis.sentence, sentence);
    assert.doesNotMatch(diagnosis.sentence, /\.$/);
  });
}
