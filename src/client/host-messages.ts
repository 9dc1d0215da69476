/**
 * Owns the messages between a client and the host of its engine, and the seam through which they travel. All
 * are plain values, so that the same host works on the caller's thread and behind a worker.
 */
import type { EngineSettings, RateLimits } from '../engine/api.ts';
import type { AddTorrentOptions, ClientEvent, TorrentDetails } from './api.ts';

/** What a host is made with: checked, complete, plain. */
export interface HostSettings {
  readonly engine: EngineSettings;
  /** A multiple of the block length. */
  readonly arenaBytes: number;
  /** Absolute; null remembers nothing. */
  readonly stateFolder: string | null;
  readonly progressIntervalMs: number;
}

/** To the host. A command with an `id` gets exactly one answer, unless the host dies. */
export type HostCommand =
  | { readonly kind: 'add'; readonly id: number; readonly options: AddTorrentOptions }
  /**
   * Answered with true when a `stopped` event follows or has just been sent, false when the torrent is
   * unknown.
   */
  | { readonly kind: 'remove'; readonly id: number; readonly infoHash: string }
  | {
      readonly kind: 'limits';
      readonly id: number;
      readonly infoHash: string | null;
      readonly limits: RateLimits;
    }
  | {
      readonly kind: 'pause' | 'resume' | 'announce';
      readonly id: number;
      readonly infoHash: string;
    }
  | { readonly kind: 'details'; readonly id: number; readonly infoHash: string }
  /** The `closed` event follows. */
  | { readonly kind: 'close' }
  /** The listeners have taken the last batch of events. */
  | { readonly kind: 'taken' };

export type HostAnswer = string | boolean | TorrentDetails | null;

/** An error as a plain value: `input` becomes `InputError`, the other `ClientError`. */
export interface Refusal {
  readonly kind: 'input' | 'client';
  readonly code: string;
  readonly message: string;
}

/** From the host. A batch of events is followed by no other until `taken` came. */
export type HostMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly value: HostAnswer }
  | { readonly kind: 'refused'; readonly id: number; readonly refusal: Refusal }
  | { readonly kind: 'events'; readonly events: readonly ClientEvent[] }
  /** The engine has ended, in good order or by a bug; passes the events that wait, `closed` among them. */
  | { readonly kind: 'ended' };

/** How a client reaches its host. */
export interface HostLink {
  send(command: HostCommand): void;
  /** Ends the host at once, whatever it does; harmless when it has ended. */
  terminate(): void;
}

/** Where a host's messages arrive. */
export interface HostReceiver {
  onMessage(message: HostMessage): void;
  /** The host ended without having said `closed`; `message` is a sentence for people. */
  onDied(message: string): void;
}
