/**
 * Owns the client whose engine runs on the caller's own thread.
 */
import type { EngineFactory } from './engine-factory.ts';
import { EngineHost } from './engine-host.ts';
import type { HostCommand, HostLink, HostMessage, HostReceiver, HostSettings } from './host-messages.ts';
import { LinkedClient } from './linked-client.ts';

/** A client over an engine made by `createEngine` on this thread. The time-out is replaced in tests. */
export function openThreadClient(
  settings: HostSettings,
  createEngine: EngineFactory,
  closeTimeoutMs?: number,
): LinkedClient {
  return new LinkedClient((receiver) => new ThreadLink(settings, createEngine, receiver), closeTimeoutMs);
}

/**
 * Keeps both directions asynchronous, as they are behind a worker, so that the two kinds of client behave
 * alike.
 */
class ThreadLink implements HostLink {
  readonly #host: EngineHost;
  #isTerminated = false;

  constructor(settings: HostSettings, createEngine: EngineFactory, receiver: HostReceiver) {
    const post = (message: HostMessage): void => {
      queueMicrotask(() => {
        if (!this.#isTerminated) receiver.onMessage(message);
      });
    };
    this.#host = new EngineHost(settings, createEngine, post);
  }

  send(command: HostCommand): void {
    queueMicrotask(() => {
      if (!this.#isTerminated) this.#host.handle(command);
    });
  }

  terminate(): void {
    this.#isTerminated = true;
    this.#host.destroy();
  }
}
