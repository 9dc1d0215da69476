/**
 * Owns the torrents that wait for a rate limit, and the order in which they go on.
 *
 * Whoever goes first may use up all that a shared limit lets through, so the first place goes round: each gets the same
 * share over time. Invariant: a torrent is in the list at most once.
 */
import { Timer, type TimerOwner, type TimerQueue } from '../base/timer-queue.ts';

export interface LimitedTorrent {
  /** Bytes may flow again. */
  onLimitLifted(): void;
}

export class LimitedTorrents implements TimerOwner {
  readonly #timers: TimerQueue;
  readonly #timer = new Timer(this);
  #waiting: LimitedTorrent[] = [];
  #turn = 0;

  constructor(timers: TimerQueue) {
    this.#timers = timers;
  }

  /** `torrent` waits until `at`. */
  add(torrent: LimitedTorrent, at: number): void {
    if (!this.#waiting.includes(torrent)) this.#waiting.push(torrent);
    if (!this.#timer.isScheduled || at < this.#timer.at) this.#timers.schedule(this.#timer, at);
  }

  remove(torrent: LimitedTorrent): void {
    this.#waiting = this.#waiting.filter((other) => other !== torrent);
  }

  onTimer(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#turn++;
    for (let i = 0; i < waiting.length; i++) waiting[(this.#turn + i) % waiting.length]!.onLimitLifted();
  }
}
