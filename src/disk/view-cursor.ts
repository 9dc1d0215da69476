/**
 * Owns the cutting of a row of views into the stretches that lie in one file each, in order. Hot file: whole
 * views are passed on as they are, and the array is one and the same.
 */
import { assert } from '../base/assert.ts';

export class ViewCursor {
  readonly #taken: Uint8Array[] = [];
  #views: readonly Uint8Array[] = [];
  #index = 0;
  #offset = 0;

  /** Starts at the beginning of `views`. */
  start(views: readonly Uint8Array[]): void {
    this.#views = views;
    this.#index = 0;
    this.#offset = 0;
  }

  /** The next `length` bytes, as views. The array is reused by the next call. */
  take(length: number): readonly Uint8Array[] {
    const taken = this.#taken;
    taken.length = 0;
    for (let left = length; left > 0; ) {
      const view = this.#views[this.#index];
      assert(view !== undefined, 'a row is as long as its views');
      const count = Math.min(left, view.length - this.#offset);
      taken.push(count === view.length ? view : view.subarray(this.#offset, this.#offset + count));
      left -= count;
      this.#offset += count;
      if (this.#offset === view.length) {
        this.#index++;
        this.#offset = 0;
      }
    }
    return taken;
  }
}
