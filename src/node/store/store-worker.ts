/**
 * Entry of the store worker: runs the state core on real files, one command at a time. The worker ends after `close`.
 *
 * Whatever is thrown here is a bug: it ends the worker, and the other side hears of it through the worker's `error` event.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { assert, unreachable } from '../../base/assert.ts';
import { MAX_TORRENTS_PER_ANSWER } from '../../ports/state-store.ts';
import type { StoreAnswer, StoreCommand } from '../../store/state-store-front.ts';
import { openSqlDatabase } from './sql-database.ts';
import { StateCore } from './state-core.ts';

/** What the worker is started with. */
export interface StoreWorkerData {
  /** Absolute path of the state folder. */
  readonly folder: string;
}

function serve(port: MessagePort, { folder }: StoreWorkerData): void {
  const answer = (message: StoreAnswer): void => port.postMessage(message);
  const core = new StateCore({
    folder,
    openDatabase: openSqlDatabase,
    onSetAside: (setAside) => answer({ kind: 'set-aside', setAside }),
  });
  port.on('message', (command: StoreCommand) => {
    switch (command.kind) {
      case 'open':
        open(core, answer);
        break;
      case 'commit':
        answer({ kind: 'commit', failure: core.commit(command.changes) });
        break;
      case 'metainfo':
        answer({ kind: 'metainfo', infoHash: command.infoHash, ...core.metainfo(command.infoHash) });
        break;
      case 'close':
        core.close();
        port.close();
        break;
      default:
        unreachable(command);
    }
  });
}

function open(core: StateCore, answer: (message: StoreAnswer) => void): void {
  const { torrents, failure } = core.open();
  for (let at = 0; at < torrents.length; at += MAX_TORRENTS_PER_ANSWER) {
    answer({ kind: 'torrents', torrents: torrents.slice(at, at + MAX_TORRENTS_PER_ANSWER) });
  }
  answer({ kind: 'open', failure });
}

assert(parentPort !== null, 'the store worker runs as a worker');
serve(parentPort, workerData as StoreWorkerData);
