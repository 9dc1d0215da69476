/**
 * Owns what the screen knows about the whole run: its torrents in the order of the command line, a notice, whether it
 * says goodbye, and the sentences that stay when the screen is gone.
 */
import { eventSentence } from '../../cli/sentences.ts';
import type { ClientEvent } from '../../client/index.ts';
import type { Limits } from './steering.ts';
import { TorrentModel, type TuiTorrent } from './torrent-model.ts';

/** Sentences that stay; more say nothing more. */
const MAX_ERRORS = 20;

export class SessionModel {
  readonly torrents: readonly TorrentModel[];
  /** One sentence about the run, or null. */
  notice: string | null = null;
  isClosing = false;
  /** Of all torrents together. */
  limits: Limits;
  /** Errors of the whole session. */
  readonly errors: string[] = [];
  readonly #byHash: ReadonlyMap<string, TorrentModel>;

  constructor(torrents: readonly TuiTorrent[], limits: Limits) {
    this.limits = limits;
    this.torrents = torrents.map((torrent) => new TorrentModel(torrent));
    this.#byHash = new Map(this.torrents.map((torrent) => [torrent.infoHash, torrent]));
  }

  onEvent(event: ClientEvent): void {
    if (event.infoHash === null) {
      this.#onSessionEvent(event);
      return;
    }
    const torrent = this.#byHash.get(event.infoHash);
    if (torrent === undefined) return;
    torrent.onEvent(event);
    if (event.event === 'error') torrent.outcome.push({ sentence: event.message, isError: true });
    else if (STAYING.has(event.event)) {
      const sentence = eventSentence(event);
      if (sentence !== null) torrent.outcome.push({ sentence, isError: false });
    }
  }

  #onSessionEvent(event: ClientEvent): void {
    if (event.event === 'error') {
      if (this.errors.length < MAX_ERRORS) this.errors.push(event.message);
      this.notice = event.message;
    }
    for (const torrent of this.torrents) torrent.log.add(event);
  }
}

/** What a person wants to read of, when the screen is gone. */
const STAYING: ReadonlySet<string> = new Set(['completed', 'share-limit', 'stopped']);
