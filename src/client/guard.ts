/**
 * Owns the edge of the engine: every call that the world makes into the engine goes through here, so that a
 * bug in the engine ends the engine and never the program that embeds it.
 *
 * Invariants: after the first exception the engine is dead, and no call reaches it any more; every
 * connection, listener and datagram socket that it opened can then be closed without its help. One small
 * object a handler, and one more call an input.
 */

/** What the engine opened. Both are harmless on a thing that is closed. */
export type Held = { abort(): void } | { close(): void };

type Method = (a: unknown, b: unknown, c: unknown, d: unknown) => unknown;

export class Guard {
  readonly #onBug: (error: unknown) => void;
  readonly #held = new Set<Held>();
  #isDead = false;

  /** `onBug` is called once at most, with what the engine threw. */
  constructor(onBug: (error: unknown) => void) {
    this.#onBug = onBug;
  }

  /**
   * A stand-in for `handler` with the methods `names`. What they throw is a bug; a method that has nothing to
   * call any more returns null. At most four parameters are passed on, which no handler exceeds.
   */
  wrap<T extends object>(handler: T, names: readonly (keyof T)[]): T {
    const stand: Partial<Record<keyof T, Method>> = {};
    for (const name of names) {
      stand[name] = (a, b, c, d) => {
        if (this.#isDead) return null;
        try {
          return (handler[name] as Method)(a, b, c, d);
        } catch (error) {
          this.fail(error);
          return null;
        }
      };
    }
    return stand as unknown as T;
  }

  /** The engine, or a part of its world that is ours, has a bug: it is dead from now on. */
  fail(error: unknown): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#onBug(error);
  }

  hold(thing: Held): void {
    this.#held.add(thing);
  }

  release(thing: Held): void {
    this.#held.delete(thing);
  }

  /** Cuts the engine off and closes what it left open. */
  destroy(): void {
    this.#isDead = true;
    for (const thing of this.#held) {
      if ('abort' in thing) thing.abort();
      else thing.close();
    }
    this.#held.clear();
  }
}
