/**
 * Owns which output a run has now: it starts with one and may go on with another, while everybody keeps the same.
 */
import type { ClientEvent } from '../client/index.ts';
import type { Output } from './output.ts';

export class ReplaceableOutput implements Output {
  #current: Output;

  constructor(first: Output) {
    this.#current = first;
  }

  get current(): Output {
    return this.#current;
  }

  /** What is shown from now on; the one before is neither finished nor used again by this. */
  replace(next: Output): void {
    this.#current = next;
  }

  onEvent(event: ClientEvent): Promise<void> | undefined {
    return this.#current.onEvent(event);
  }

  notice(sentence: string): void {
    this.#current.notice(sentence);
  }

  failure(code: string, sentence: string): void {
    this.#current.failure(code, sentence);
  }

  finish(): void {
    this.#current.finish();
  }
}
