/**
 * Owns views on paper for tests: what is known and where the person is in, the rows of the screen out, drawn by the real
 * components through Ink, without a terminal.
 */
import { PassThrough } from 'node:stream';
import { render } from 'ink';
import { createElement as h } from 'react';
import type { TorrentDetails } from '../../../src/client/api.ts';
import type { PeerSnapshot, TorrentSnapshot, TrackerSnapshot } from '../../../src/client/index.ts';
import { parseTorrent } from '../../../src/client/parse-torrent.ts';
import { App } from '../../../src/tui/components/app.ts';
import { SessionModel } from '../../../src/tui/data/session-model.ts';
import type { Abilities } from '../../../src/tui/data/steering.ts';
import { firstState, type UiState } from '../../../src/tui/data/ui-state.ts';
import { FrameStream } from '../../../src/tui/terminal/frame-stream.ts';
import { Sheet } from '../../../src/tui/terminal/sheet.ts';
import { type TorrentContent, torrentFile } from '../../support/content.ts';

export const NO_ABILITIES: Abilities = {
  canPause: false,
  canAnnounce: false,
  canSelectFiles: false,
  canLimit: false,
};
export const ALL_ABILITIES: Abilities = {
  canPause: true,
  canAnnounce: true,
  canSelectFiles: true,
  canLimit: true,
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: styles are escape sequences
const STYLES = /\u001b\[[\d;]*m/g;

export interface ShowOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly ui?: Partial<UiState>;
  readonly abilities?: Abilities;
  readonly hasKeys?: boolean;
}

/** The rows of the screen without styles. */
export function show(session: SessionModel, options: ShowOptions = {}): string[] {
  return showStyled(session, options, false).map((row) => row.replace(STYLES, ''));
}

/** The rows of the screen with their escape sequences. */
export function showStyled(session: SessionModel, options: ShowOptions, hasColors: boolean): string[] {
  const { columns = 100, rows = 30, abilities = NO_ABILITIES, hasKeys = true } = options;
  const sheet = new Sheet();
  let shown = '';
  const frames = new FrameStream((numbers) => {
    shown = sheet.resolve(numbers);
  });
  const ui = { ...firstState(session.torrents.length), ...options.ui };
  const stage = { session, ui, abilities, sheet, size: { columns, rows }, hasColors, hasKeys };
  // Keys are typed in tests of the whole; here nothing may hold the test's own input.
  const element = h(App, { stage: { ...stage, hasKeys: false }, onKey: () => undefined });
  const ink = render(hasKeys ? h(App, { stage, onKey: () => undefined }) : element, {
    stdout: frames,
    stdin: silentKeyboard(),
    debug: true,
    interactive: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  ink.unmount();
  return shown.split('\n');
}

/** An input that is a terminal and on which nobody types. */
export function silentKeyboard(): NodeJS.ReadStream {
  const input = new PassThrough();
  return Object.assign(input, {
    isTTY: true,
    setRawMode: () => input,
    ref: () => input,
    unref: () => input,
  }) as unknown as NodeJS.ReadStream;
}

/** A session that knows torrents of these contents and nothing else. */
export function sessionOf(...contents: readonly TorrentContent[]): SessionModel {
  const torrents = contents.map((content) => ({
    infoHash: content.infoHashHex,
    metainfo: parseTorrent(torrentFile(content)),
    selectedFiles: null,
  }));
  return new SessionModel(torrents, { maxDownRate: 0, maxUpRate: 0 });
}

/** A torrent that downloads happily, with what a test changes. */
export function snapshotOf(content: TorrentContent, changes: Partial<TorrentSnapshot> = {}): TorrentSnapshot {
  const verifiedPieces = changes.verifiedPieces ?? Math.floor(content.pieceCount / 2);
  return {
    infoHash: content.infoHashHex,
    name: content.name,
    state: 'downloading',
    diagnosis: { code: 'downloading', sentence: 'downloading from 2 peers' },
    pieceCount: content.pieceCount,
    verifiedPieces,
    totalBytes: content.totalLength,
    wantedBytes: content.totalLength,
    verifiedBytes: Math.min(content.totalLength, verifiedPieces * content.pieceLength),
    checkedPieces: 0,
    downloadedBytes: 500_000,
    uploadedBytes: 0,
    wastedBytes: 0,
    downloadRate: 1_100_000,
    uploadRate: 20_000,
    etaSeconds: 90,
    connectedPeers: 3,
    connectingPeers: 0,
    knownPeers: 0,
    connectedSeeds: 2,
    unchokingPeers: 2,
    idleMs: 10,
    ...changes,
  };
}

export function peerOf(changes: Partial<PeerSnapshot> = {}): PeerSnapshot {
  return {
    endpoint: '192.168.0.1:3455',
    client: 'qBittorrent 4.6.2',
    source: 'tracker',
    isIncoming: false,
    progress: 1,
    amInterested: true,
    peerChoking: false,
    amChoking: true,
    peerInterested: false,
    isSnubbed: false,
    downloadRate: 100_000,
    uploadRate: 0,
    downloadedBytes: 2_000_000,
    uploadedBytes: 0,
    requestQueueLength: 12,
    ...changes,
  };
}

export function trackerOf(changes: Partial<TrackerSnapshot> = {}): TrackerSnapshot {
  return {
    url: 'http://bttracker.debian.org:6969/announce',
    tier: 0,
    status: 'working',
    message: '',
    lastAnswerAgeMs: 60_000,
    nextAnnounceInMs: 840_000,
    peers: 50,
    seeds: 40,
    leeches: 10,
    ...changes,
  };
}

/** Details in which the first pieces are verified. */
export function detailsOf(content: TorrentContent, changes: Partial<TorrentDetails> = {}): TorrentDetails {
  const torrent = changes.torrent ?? snapshotOf(content);
  const have = new Uint8Array(Math.ceil(content.pieceCount / 8));
  for (let piece = 0; piece < torrent.verifiedPieces; piece++) have[piece >>> 3]! |= 0x80 >>> (piece & 7);
  const availability = new Uint8Array(content.pieceCount).fill(9);
  return { torrent, peers: [peerOf()], trackers: [trackerOf()], have, availability, ...changes };
}
