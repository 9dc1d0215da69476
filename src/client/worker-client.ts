/**
 * Owns the client whose engine runs in a worker thread: the same host, reached by messages. A worker that
 * dies, for whatever reason, ends the client with code `bug`; nothing ever waits for it.
 */
import { Worker } from 'node:worker_threads';
import { bugSentence } from './bug-sentence.ts';
import type { EngineWorkerData } from './engine-worker.ts';
import type { HostCommand, HostLink, HostMessage, HostReceiver, HostSettings } from './host-messages.ts';
import { LinkedClient } from './linked-client.ts';
import { moduleUrl } from './module-url.ts';

/** A client over an engine in a worker. `engineModule` exports `createEngine`, an `EngineFactory`. */
export function openWorkerClient(
  settings: HostSettings,
  engineModule: string = moduleUrl('./node-engine'),
): LinkedClient {
  return new LinkedClient((receiver) => new WorkerLink({ settings, engineModule }, receiver));
}

class WorkerLink implements HostLink {
  readonly #worker: Worker;

  constructor(data: EngineWorkerData, receiver: HostReceiver) {
    this.#worker = new Worker(new URL(moduleUrl('./engine-worker')), {
      workerData: data,
      name: 'spate-engine',
    });
    this.#worker.on('message', (message: HostMessage) => receiver.onMessage(message));
    this.#worker.on('messageerror', (error) => receiver.onDied(bugSentence(error)));
    this.#worker.on('error', (error) => receiver.onDied(bugSentence(error)));
    this.#worker.on('exit', (code) =>
      receiver.onDied(bugSentence(`the engine thread ended with code ${code}`)),
    );
  }

  send(command: HostCommand): void {
    this.#worker.postMessage(command);
  }

  terminate(): void {
    void this.#worker.terminate();
  }
}
