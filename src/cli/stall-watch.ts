/**
 * Owns when a torrent has waited too long for data (`--stall-timeout`).
 *
 * It goes by what the engine measured, not by when its events arrive here, so that a slow reader of the
 * output is not taken for a slow swarm. Time before the download itself (opening, checking) does not count.
 */
import type { ClientEvent } from '../client/index.ts';

export class StallWatch {
  readonly #timeoutMs: number;
  #downloadingSince: number | null = null;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** True when `event` shows that no payload came for the whole time-out. */
  onEvent(event: ClientEvent): boolean {
    if (event.event === 'checked') this.#downloadingSince = Date.parse(event.time);
    if (event.event !== 'progress') return false;
    if (event.state !== 'downloading') {
      this.#downloadingSince = null;
      return false;
    }
    const now = Date.parse(event.time);
    this.#downloadingSince ??= now;
    // A clock that was set back must not postpone the end for ever.
    if (now < this.#downloadingSince) this.#downloadingSince = now;
    return event.idleMs >= this.#timeoutMs && now - this.#downloadingSince >= this.#timeoutMs;
  }
}
