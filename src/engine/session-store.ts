/**
 * Owns the session's dealings with the store: what was loaded, whether torrents may start, and the words for people when
 * something is wrong with it. Trouble with the store never stops a torrent: it goes on, and is not remembered.
 *
 * Without a store it is ready at once and remembers nothing.
 */
import type {
  SetAside,
  StateFailure,
  StateStore,
  StateStoreHandler,
  StoredTorrent,
  TorrentUpdate,
} from '../ports/state-store.ts';
import type { EventSink } from './events.ts';

export interface SessionStoreWorld {
  /** Torrents may start: what is remembered of them is known, or nothing is. */
  onStoreReady(): void;
  /** All that was saved is durable, or never will be. */
  onStoreClosed(): void;
  /** The store lost what it had: everything is to be saved again. */
  onStoreEmptied(): void;
}

export class SessionStore implements StateStoreHandler {
  isReady: boolean;
  /** What is saved will be found again. */
  isRemembering = false;
  readonly #store: StateStore | null;
  readonly #events: EventSink;
  readonly #world: SessionStoreWorld;
  readonly #torrents = new Map<string, StoredTorrent>();

  constructor(store: StateStore | null, events: EventSink, world: SessionStoreWorld) {
    this.#store = store;
    this.#events = events;
    this.#world = world;
    this.isReady = store === null;
    store?.bind(this);
  }

  open(): void {
    this.#store?.open();
  }

  save(update: TorrentUpdate): void {
    this.#store?.save(update);
  }

  /** What is remembered of a torrent; it is taken out, because from now on the torrent itself knows better. */
  take(infoHash: string): StoredTorrent | null {
    const stored = this.#torrents.get(infoHash) ?? null;
    this.#torrents.delete(infoHash);
    return stored;
  }

  deliver(): void {
    this.#store?.deliver();
  }

  /** Ends with `onStoreClosed`, from inside the call when there is no store. */
  close(): void {
    if (this.#store === null) this.#world.onStoreClosed();
    else this.#store.close();
  }

  // StateStoreHandler

  onTorrents(torrents: readonly StoredTorrent[]): void {
    for (const torrent of torrents) this.#torrents.set(torrent.infoHash, torrent);
  }

  onOpened(failure: StateFailure | null): void {
    this.isReady = true;
    this.isRemembering = failure === null;
    if (failure !== null) this.#tell(failure.code, openingSentence(failure));
    this.#world.onStoreReady();
  }

  onMetainfo(): void {
    // Nobody asks yet: torrents come with their metainfo.
  }

  onFlushed(): void {
    // Nobody waits for a flush: closing makes everything durable.
  }

  onTrouble(failure: StateFailure): void {
    const what = `cannot ${failure.operation} ${failure.detail} (${words(failure.code)})`;
    this.#tell(failure.code, `${what}: downloads go on, but are not remembered until this is mended`);
  }

  onRecovered(): void {
    this.#tell('recovered', 'the state of downloads can be saved again');
  }

  onSetAside(setAside: SetAside): void {
    const { path, reason, keptTorrents } = setAside;
    this.#tell(
      'set-aside',
      `the saved state was damaged (${reason}) and is kept as ${path}; ${keptTorrents} torrents were carried over, the rest is checked again`,
    );
    this.#world.onStoreEmptied();
  }

  onClosed(failure: StateFailure | null): void {
    if (failure !== null) {
      this.#tell(
        failure.code,
        `the last state could not be saved to ${failure.detail} (${words(failure.code)})`,
      );
    }
    this.#world.onStoreClosed();
  }

  #tell(code: string, message: string): void {
    this.#events.emit({ event: 'state', infoHash: null, code, message });
  }
}

function openingSentence(failure: StateFailure): string {
  const consequence = 'this run remembers nothing; choose another folder with --state';
  switch (failure.code) {
    case 'in-use':
      return `the state in ${failure.detail} is used by another spate: ${consequence}`;
    case 'newer-schema':
      return `the state in ${failure.detail} was written by a newer spate: ${consequence}`;
    default:
      return `cannot ${failure.operation} the state in ${failure.detail} (${words(failure.code)}): ${consequence}`;
  }
}

function words(code: string): string {
  return code.replaceAll('-', ' ');
}
