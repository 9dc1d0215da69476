/** Owns `--quiet`: errors on stderr and nothing else. */
import type { ClientEvent } from '../client/index.ts';
import type { Output } from './output.ts';
import { errorLine } from './sentences.ts';
import type { TextStream } from './text-stream.ts';

export class QuietOutput implements Output {
  readonly #stderr: TextStream;

  constructor(stderr: TextStream) {
    this.#stderr = stderr;
  }

  onEvent(event: ClientEvent): Promise<void> | undefined {
    return event.event === 'error' ? this.#stderr.write(errorLine(event.message)) : undefined;
  }

  notice(): void {}

  failure(_code: string, sentence: string): void {
    void this.#stderr.write(errorLine(sentence));
  }

  finish(): void {}
}
