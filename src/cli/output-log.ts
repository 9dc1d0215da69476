/**
 * Owns plain log lines on stderr, for an output that is no terminal: each with the torrent's name in front.
 */
import type { ClientEvent } from '../client/index.ts';
import type { Output } from './output.ts';
import { errorLine } from './sentences.ts';
import type { TextStream } from './text-stream.ts';
import { TorrentLog } from './torrent-log.ts';
import type { TorrentNames } from './torrent-names.ts';

export class LogOutput implements Output {
  readonly #stderr: TextStream;
  readonly #names: TorrentNames;
  readonly #logs = new Map<string, TorrentLog>();

  constructor(stderr: TextStream, names: TorrentNames) {
    this.#stderr = stderr;
    this.#names = names;
  }

  onEvent(event: ClientEvent): Promise<void> | undefined {
    if (event.event === 'error' || event.event === 'state') {
      return this.#stderr.write(errorLine(this.#names.prefix(event.infoHash, event.message)));
    }
    if (event.infoHash === null) return undefined;
    const log = this.#logs.get(event.infoHash) ?? new TorrentLog(true);
    this.#logs.set(event.infoHash, log);
    const sentence = log.onEvent(event);
    if (sentence === null) return undefined;
    return this.#stderr.write(`${this.#names.prefix(event.infoHash, sentence)}\n`);
  }

  notice(sentence: string): void {
    void this.#stderr.write(`${sentence}\n`);
  }

  failure(_code: string, sentence: string): void {
    void this.#stderr.write(errorLine(sentence));
  }

  finish(): void {}
}
