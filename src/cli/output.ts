/**
 * Owns the seam between the run of a download and how it is shown.
 */
import type { ClientEvent } from '../client/index.ts';

export interface Output {
  /**
   * An event of the client, or one of the command's own in the same form. A promise means: wait, the reader
   * is behind.
   */
  onEvent(event: ClientEvent): Promise<void> | undefined;
  /** The run goes on, but a person should know. One sentence without a full stop. */
  notice(sentence: string): void;
  /** Something failed for good. One sentence without a full stop. */
  failure(code: string, sentence: string): void;
  /** The last call: leaves the terminal in order. */
  finish(): void;
}
