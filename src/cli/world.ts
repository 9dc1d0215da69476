/**
 * Owns what the command needs of the process that runs it, so that tests can run it without one.
 */
import type { Readable } from 'node:stream';
import type { Client, ClientOptions } from '../client/index.ts';
import type { OpenTui } from '../tui/open-tui.ts';
import type { SignalSource } from './signals.ts';
import type { TextStream } from './text-stream.ts';

export interface World {
  readonly stdin: Readable;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly signals: SignalSource;
  /** Ends the program at once. */
  exitNow(code: number): void;
  /** Monotonic milliseconds. */
  now(): number;
  createClient(options: ClientOptions): Promise<Client>;
  /** Loads the views for the whole terminal; null, or absent, where there is none for that. */
  loadUi?(): Promise<OpenTui | null>;
}
