/**
 * Owns the entry of the engine's worker thread: a host between the message port and the engine.
 *
 * `workerData` is {@link EngineWorkerData}. What this thread throws and nobody catches ends it, and the other
 * side turns that into the end of the client.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import type { EngineFactory } from './engine-factory.ts';
import { EngineHost } from './engine-host.ts';
import type { HostCommand, HostSettings } from './host-messages.ts';

export interface EngineWorkerData {
  readonly settings: HostSettings;
  /** URL of the module that exports `createEngine`, an `EngineFactory`. */
  readonly engineModule: string;
}

const port = parentPort;
assert(port !== null, 'the engine worker runs as a worker');
const { settings, engineModule } = workerData as EngineWorkerData;
const { createEngine } = (await import(engineModule)) as { createEngine: EngineFactory };
const host = new EngineHost(settings, createEngine, (message) => port.postMessage(message));
port.on('message', (command: HostCommand) => host.handle(command));
