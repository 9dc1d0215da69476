/**
 * Owns the seam between a host and what it hosts: how an engine with its world comes into being. The real one
 * is `node-engine.ts`; tests bring a scripted one.
 */
import type { Engine } from '../engine/api.ts';
import type { EventSink } from '../engine/events.ts';
import type { Metainfo } from '../protocol/metainfo/metainfo.ts';
import type { HostSettings } from './host-messages.ts';

/** An engine and the world that it alone uses. */
export interface EngineInstance {
  readonly engine: Engine;
  /** Throws `InputError`. */
  parseMetainfo(bytes: Uint8Array): Metainfo;
  /**
   * Lets go of the world: sockets, timers and workers. After `closed` this finds nothing to do; after a bug
   * it ends all at once. Harmless when called again. After it the engine is never called and calls nothing.
   */
  destroy(): void;
}

/**
 * Makes an engine that is not started. `onBug` is called, instead of anything being thrown into the event
 * loop, when the engine throws out of a call that the world made.
 */
export type EngineFactory = (
  settings: HostSettings,
  events: EventSink,
  onBug: (error: unknown) => void,
) => EngineInstance;
