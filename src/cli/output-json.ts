/**
 * Owns `--json`: one object a line on stdout, described in `docs/json-events.md`, and failures as sentences
 * on stderr.
 */
import type { ClientEvent } from '../client/index.ts';
import type { Output } from './output.ts';
import { errorLine } from './sentences.ts';
import type { TextStream } from './text-stream.ts';

export class JsonOutput implements Output {
  readonly #stdout: TextStream;
  readonly #stderr: TextStream;

  constructor(stdout: TextStream, stderr: TextStream) {
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  onEvent(event: ClientEvent): Promise<void> | undefined {
    if (event.event === 'error') void this.#stderr.write(errorLine(event.message));
    return this.#stdout.write(jsonLine(event));
  }

  notice(): void {}

  failure(code: string, sentence: string): void {
    const time = new Date().toISOString();
    void this.onEvent({ event: 'error', time, infoHash: null, code, message: sentence });
  }

  finish(): void {}
}

/** The line for `event`, the three fields that every line has first. */
export function jsonLine(event: ClientEvent): string {
  const { event: name, time, infoHash, ...rest } = event;
  return `${JSON.stringify({ event: name, time, infoHash, ...rest })}\n`;
}
