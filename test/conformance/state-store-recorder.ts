/**
 * Owns the engine's side of a state store under test: records every answer, and checks with each that it came inside
 * `deliver` and that none comes after the end. Also the torrents that the tests store.
 */
import assert from 'node:assert/strict';
import type {
  ResumeData,
  SetAside,
  StateFailure,
  StateStore,
  StateStoreHandler,
  StoredTorrent,
  TorrentProgress,
  TorrentSettings,
  TorrentUpdate,
} from '../../src/ports/state-store.ts';
import type { TurnHandler } from '../../src/ports/time.ts';

export type Answer =
  | { readonly what: 'opened'; readonly failure: StateFailure | null }
  | { readonly what: 'flushed'; readonly failure: StateFailure | null }
  | { readonly what: 'trouble'; readonly failure: StateFailure }
  | { readonly what: 'recovered' }
  | { readonly what: 'set-aside'; readonly setAside: SetAside }
  | { readonly what: 'closed'; readonly failure: StateFailure | null }
  | {
      readonly what: 'metainfo';
      readonly infoHash: string;
      readonly metainfo: Uint8Array | null;
      readonly failure: StateFailure | null;
    };
export type AnswerOf<W extends Answer['what']> = Extract<Answer, { readonly what: W }>;

export class StateRecorder implements StateStoreHandler, TurnHandler {
  readonly store: StateStore;
  readonly answers: Answer[] = [];
  /** What `onTorrents` brought, in order, and how many at a time. */
  readonly torrents: StoredTorrent[] = [];
  readonly batches: number[] = [];
  #isDelivering = false;

  constructor(store: StateStore) {
    this.store = store;
    store.bind(this);
  }

  onTurn(): void {
    this.#isDelivering = true;
    this.store.deliver();
    this.#isDelivering = false;
  }

  all<W extends Answer['what']>(what: W): AnswerOf<W>[] {
    return this.answers.filter((one): one is AnswerOf<W> => one.what === what);
  }

  /** The last answer of one kind, which is there. */
  last<W extends Answer['what']>(what: W): AnswerOf<W> {
    const found = this.all(what).at(-1);
    assert.ok(found !== undefined, `an answer "${what}"`);
    return found;
  }

  torrent(infoHash: string): StoredTorrent | undefined {
    return this.torrents.find((one) => one.infoHash === infoHash);
  }

  // StateStoreHandler

  onTorrents(torrents: readonly StoredTorrent[]): void {
    assert.ok(this.#isDelivering, 'torrents came outside of deliver');
    assert.equal(this.all('opened').length, 0, 'torrents come before the store is open');
    this.batches.push(torrents.length);
    this.torrents.push(...torrents);
  }

  onOpened(failure: StateFailure | null): void {
    assert.equal(this.all('opened').length, 0, 'a store is open once');
    this.#add({ what: 'opened', failure });
  }

  onMetainfo(infoHash: string, metainfo: Uint8Array | null, failure: StateFailure | null): void {
    this.#add({ what: 'metainfo', infoHash, metainfo, failure });
  }

  onFlushed(failure: StateFailure | null): void {
    this.#add({ what: 'flushed', failure });
  }

  onTrouble(failure: StateFailure): void {
    this.#add({ what: 'trouble', failure });
  }

  onRecovered(): void {
    this.#add({ what: 'recovered' });
  }

  onSetAside(setAside: SetAside): void {
    this.#add({ what: 'set-aside', setAside });
  }

  onClosed(failure: StateFailure | null): void {
    this.#add({ what: 'closed', failure });
  }

  #add(answer: Answer): void {
    assert.ok(this.#isDelivering, `"${answer.what}" came outside of deliver`);
    assert.equal(this.all('closed').length, 0, `"${answer.what}" came after the end`);
    this.answers.push(answer);
  }
}

/** An info hash that begins with `number`. */
export function hashOf(number: number, digits: 40 | 64 = 40): string {
  return number.toString(16).padStart(8, '0').padEnd(digits, 'ab');
}

export const SETTINGS: TorrentSettings = {
  directory: '/data/Bücher 本',
  selectedFiles: [0, 2, 399_999],
  peers: ['127.0.0.1:6881', '[::1]:1'],
  useTrackers: true,
  isPaused: false,
  isSeeding: true,
  isSuperSeeding: false,
  maxDownRate: 0,
  maxUpRate: 500_000.5,
  maxRatio: 1.1,
  maxSeedingMs: null,
};

export const PROGRESS: TorrentProgress = {
  uploadedBytes: Number.MAX_SAFE_INTEGER,
  downloadedBytes: 2 ** 40 + 1,
  wastedBytes: 0,
  addedAt: 1_700_000_000_123,
  completedAt: null,
  activeMs: 12.5,
  seedingMs: 0,
  completedAnnounced: true,
  goodPeers: ['192.0.2.1:6881', '[2001:db8::1]:51413'],
};

export const RESUME: ResumeData = {
  pieceCount: 11,
  verified: Uint8Array.of(0b1010_0000, 0b0010_0000),
  partials: [
    { piece: 9, blocks: Uint8Array.of(0b1000_0001, 0xff) },
    { piece: 1, blocks: Uint8Array.of(0b0100_0000) },
  ],
  files: {
    lengths: Float64Array.of(0, 2 ** 45 + 1, -1, 5),
    modifiedAt: Float64Array.of(1_700_000_000_123.25, 0.5, 0, -1000),
  },
  bootId: 'b1',
};

/** A torrent whose every part says `number`, so that a state made of two saves is seen. */
export function markedUpdate(
  infoHash: string,
  number: number,
): TorrentUpdate & { settings: TorrentSettings } {
  const pieceCount = 64 + (number % 5) * 1000;
  return {
    infoHash,
    settings: { ...SETTINGS, directory: `/data/${number}`, selectedFiles: [number] },
    progress: { ...PROGRESS, uploadedBytes: number, goodPeers: [`10.0.0.1:${1 + (number % 65_535)}`] },
    resume: {
      pieceCount,
      verified: new Uint8Array((pieceCount + 7) >>> 3).fill(number & 0x7f),
      // The highest bit of each byte is clear, so piece 0 can be partial.
      partials: [{ piece: 0, blocks: Uint8Array.of(number & 0xff) }],
      files: { lengths: Float64Array.of(number, -1), modifiedAt: Float64Array.of(number + 0.25, 0) },
      bootId: number % 2 === 0 ? null : `boot ${number}`,
    },
    metainfo: new Uint8Array(3000 + (number % 3) * 4000).fill(number & 0xff),
  };
}

/** What a marked update is loaded as. */
export function markedTorrent(infoHash: string, number: number): StoredTorrent {
  const { settings, progress, resume } = markedUpdate(infoHash, number);
  return { infoHash, hasMetainfo: true, settings, progress: progress!, resume: resume! };
}
