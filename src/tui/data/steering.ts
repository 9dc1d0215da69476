/**
 * Owns which wishes of a person a client can fulfil while it runs. A client that lacks a method is one whose key does not
 * exist: nothing on the screen promises what does not work.
 */
import type { Client } from '../../client/index.ts';

/** Bytes a second; 0 for no limit. */
export interface Limits {
  readonly maxDownRate: number;
  readonly maxUpRate: number;
}

/** What a client may be able to do besides showing. */
export interface Steering {
  pause?(infoHash: string): Promise<void>;
  resume?(infoHash: string): Promise<void>;
  /** Asks all trackers of the torrent for peers, as soon as their minimum interval allows. */
  announceNow?(infoHash: string): Promise<void>;
  /** 0 (not wanted) to 7; `file` is the index in the torrent. */
  setFilePriority?(infoHash: string, file: number, priority: number): Promise<void>;
  /** Of all torrents together for null. */
  setLimits?(infoHash: string | null, limits: Limits): Promise<void>;
}

export interface Abilities {
  readonly canPause: boolean;
  readonly canAnnounce: boolean;
  readonly canSelectFiles: boolean;
  readonly canLimit: boolean;
}

export function steeringOf(client: Client): Steering {
  return client;
}

export function abilitiesOf(steering: Steering): Abilities {
  return {
    canPause: steering.pause !== undefined && steering.resume !== undefined,
    canAnnounce: steering.announceNow !== undefined,
    canSelectFiles: steering.setFilePriority !== undefined,
    canLimit: steering.setLimits !== undefined,
  };
}
