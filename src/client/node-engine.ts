/**
 * Owns the real world of an engine: Node's adapters for all ports, each behind the guard, around one
 * `Session`.
 *
 * Loading this loads the engine, sockets and workers, so only a host does, when it starts.
 */
import { Arena } from '../base/arena.ts';
import { Session } from '../engine/session.ts';
import { nodeBlockCopy } from '../node/block-copy.ts';
import { NodeCrypto } from '../node/crypto.ts';
import { NodeDatagrams } from '../node/datagrams.ts';
import { nodeEntropy, seededRandomFromEntropy } from '../node/entropy.ts';
import { NodeHttpClient } from '../node/http-client.ts';
import { NodeResolver } from '../node/resolver.ts';
import { WorkerStateStore } from '../node/store/worker-state-store.ts';
import { NodeTime } from '../node/time.ts';
import { NodeTransport } from '../node/transport.ts';
import { WorkerDisk } from '../node/worker-disk.ts';
import { descriptorsForPeers } from '../node/worker-disk-descriptors.ts';
import type { Log } from '../ports/log.ts';
import { parseMetainfo } from '../protocol/metainfo/parse-metainfo.ts';
import type { EngineFactory } from './engine-factory.ts';
import { Guard } from './guard.ts';
import {
  guardDatagrams,
  guardDisk,
  guardHttp,
  guardResolver,
  guardStateStore,
  guardTime,
  guardTransport,
} from './guarded-ports.ts';
import { userAgent } from './version.ts';

/** What people must know comes as events; nobody reads a log yet. */
const SILENT: Log = { debug() {}, info() {}, warn() {} };

/** The engine of the product. */
export const createEngine: EngineFactory = (settings, events, onEngineBug) => {
  const guard = new Guard(onEngineBug);
  const onBug = (error: Error): void => guard.fail(error);
  const time = new NodeTime();
  const arena = new Arena(settings.arenaBytes);
  const crypto = new NodeCrypto();
  const disk = new WorkerDisk({ memory: arena.memory, time, onBug });
  const folder = settings.stateFolder;
  const store = folder === null ? null : new WorkerStateStore({ folder, time, onBug });
  let isClosed = false;
  const engine = new Session(
    {
      time: guardTime(time, guard),
      transport: guardTransport(new NodeTransport({ time }), guard),
      datagrams: guardDatagrams(new NodeDatagrams(), guard),
      resolver: guardResolver(new NodeResolver(), guard),
      http: guardHttp(new NodeHttpClient(userAgent()), guard),
      disk: guardDisk(disk, guard),
      arena,
      store: store === null ? null : guardStateStore(store, guard),
      blockCopy: nodeBlockCopy,
      crypto,
      random: seededRandomFromEntropy(nodeEntropy),
      entropy: nodeEntropy,
      log: SILENT,
      events: {
        emit(event) {
          if (event.event === 'closed') isClosed = true;
          events.emit(event);
        },
      },
    },
    {
      ...settings.engine,
      maxConnections: Math.min(settings.engine.maxConnections, descriptorsForPeers()),
    },
  );
  return {
    engine,
    parseMetainfo: (bytes) => parseMetainfo(bytes, crypto),
    destroy() {
      guard.destroy();
      time.close();
      if (isClosed) return;
      isClosed = true;
      // The engine cannot do it any more: what it handed over is still written, then the disk's thread ends.
      disk.close();
      disk.submit();
      store?.close();
    },
  };
};
