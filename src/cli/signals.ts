/**
 * Owns what signals mean: the first asks for a graceful stop, a second one later ends the program at once.
 *
 * One Ctrl+C may arrive twice: the terminal sends it to the whole process group, and a parent such as npm
 * passes it on. So what follows within half a second is the same wish.
 */
import { type StopSignal, signalExitCode } from './exit-codes.ts';

const REPEAT_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The part of `process` that this needs. */
export interface SignalSource {
  on(signal: string, listener: () => void): unknown;
  off(signal: string, listener: () => void): unknown;
}

export class SignalGate {
  readonly #onStop: (signal: StopSignal) => void;
  readonly #exitNow: (code: number) => void;
  readonly #now: () => number;
  #firstAt: number | null = null;

  /** `onStop` is called once; `exitNow` when it shall not be waited for. `now` is monotonic milliseconds. */
  constructor(onStop: (signal: StopSignal) => void, exitNow: (code: number) => void, now: () => number) {
    this.#onStop = onStop;
    this.#exitNow = exitNow;
    this.#now = now;
  }

  onSignal(signal: StopSignal): void {
    const now = this.#now();
    if (this.#firstAt === null) {
      this.#firstAt = now;
      this.#onStop(signal);
    } else if (now - this.#firstAt > REPEAT_MS) this.#exitNow(signalExitCode(signal));
  }

  /** Listens to `source`; the result stops that. */
  listen(source: SignalSource): () => void {
    const listeners = SIGNALS.map((signal) => ({ signal, listener: () => this.onSignal(signal) }));
    for (const { signal, listener } of listeners) source.on(signal, listener);
    return () => {
      for (const { signal, listener } of listeners) source.off(signal, listener);
    };
  }
}
