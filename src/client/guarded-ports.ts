/**
 * Owns the ports as a guarded engine sees them: each passes calls out unchanged and lets calls in only
 * through the {@link Guard}.
 */
import type { DatagramHandler, DatagramSocket, Datagrams } from '../ports/datagram.ts';
import type { Disk, DiskHandler } from '../ports/disk.ts';
import type { HttpClient } from '../ports/http.ts';
import type { Resolver } from '../ports/resolver.ts';
import type { StateStore, StateStoreHandler } from '../ports/state-store.ts';
import type { Time } from '../ports/time.ts';
import type {
  Connection,
  ConnectionHandler,
  ListenHandler,
  ListenResult,
  Transport,
} from '../ports/transport.ts';
import type { Guard } from './guard.ts';

export function guardTime(time: Time, guard: Guard): Time {
  return {
    now: () => time.now(),
    wallClock: () => time.wallClock(),
    bind: (handler) => time.bind(guard.wrap(handler, ['onTurn'])),
    requestTurn: () => time.requestTurn(),
    wakeAt: (at) => time.wakeAt(at),
  };
}

export function guardDisk(disk: Disk, guard: Guard): Disk {
  return {
    bind: (handler) => disk.bind(guard.wrap(handler, DISK_HANDLER_METHODS)),
    open: (storage, spec, resume) => disk.open(storage, spec, resume),
    check: (storage) => disk.check(storage),
    write: (storage, piece, begin, length, slot) => disk.write(storage, piece, begin, length, slot),
    read: (storage, piece, begin, length, slot) => disk.read(storage, piece, begin, length, slot),
    hash: (storage, piece) => disk.hash(storage, piece),
    blockDigests: (storage, piece) => disk.blockDigests(storage, piece),
    snapshot: (storage, sync) => disk.snapshot(storage, sync),
    release: (storage) => disk.release(storage),
    close: () => disk.close(),
    submit: () => disk.submit(),
    deliver: () => disk.deliver(),
  };
}

const DISK_HANDLER_METHODS: readonly (keyof DiskHandler)[] = [
  'onOpened',
  'onCheckProgress',
  'onChecked',
  'onSnapshot',
  'onWritten',
  'onRead',
  'onHashed',
  'onBlockDigests',
  'onFileCompleted',
  'onReleased',
  'onClosed',
];

export function guardStateStore(store: StateStore, guard: Guard): StateStore {
  return {
    bind: (handler) => store.bind(guard.wrap(handler, STATE_STORE_HANDLER_METHODS)),
    open: () => store.open(),
    loadMetainfo: (infoHash) => store.loadMetainfo(infoHash),
    save: (update) => store.save(update),
    remove: (infoHash) => store.remove(infoHash),
    flush: () => store.flush(),
    close: () => store.close(),
    deliver: () => store.deliver(),
  };
}

const STATE_STORE_HANDLER_METHODS: readonly (keyof StateStoreHandler)[] = [
  'onTorrents',
  'onOpened',
  'onMetainfo',
  'onFlushed',
  'onTrouble',
  'onRecovered',
  'onSetAside',
  'onClosed',
];

export function guardResolver(resolver: Resolver, guard: Guard): Resolver {
  return {
    resolve: (host, timeoutMs, handler) =>
      resolver.resolve(host, timeoutMs, guard.wrap(handler, ['onResolved', 'onFailure'])),
  };
}

export function guardHttp(http: HttpClient, guard: Guard): HttpClient {
  return { get: (request, handler) => http.get(request, guard.wrap(handler, ['onResponse', 'onFailure'])) };
}

export function guardDatagrams(datagrams: Datagrams, guard: Guard): Datagrams {
  return {
    open(local, handler: DatagramHandler): DatagramSocket {
      const socket = datagrams.open(local, guard.wrap(handler, ['onDatagram', 'onFailure']));
      const held: DatagramSocket = {
        send: (bytes, to) => socket.send(bytes, to),
        close() {
          guard.release(held);
          socket.close();
        },
      };
      guard.hold(held);
      return held;
    },
  };
}

export function guardTransport(transport: Transport, guard: Guard): Transport {
  return {
    dial(remote, options, handler) {
      const stand = guardConnection(handler, guard, () => connection);
      const connection = transport.dial(remote, options, stand);
      guard.hold(connection);
      return connection;
    },
    listen(local, handler, result) {
      transport.listen(local, guardListenHandler(handler, guard), guardListenResult(result, guard));
    },
  };
}

/** As the handler, and the connection is let go of when it closes. */
function guardConnection(
  handler: ConnectionHandler,
  guard: Guard,
  connection: () => Connection,
): ConnectionHandler {
  const stand = guard.wrap(handler, ['onConnected', 'onData', 'onDrained', 'onBlocksWritten', 'onClosed']);
  const { onClosed } = stand;
  stand.onClosed = (failure) => {
    guard.release(connection());
    onClosed(failure);
  };
  return stand;
}

function guardListenHandler(handler: ListenHandler, guard: Guard): ListenHandler {
  const stand = guard.wrap(handler, ['onAccepted']);
  return {
    onAccepted(connection) {
      const accepted = stand.onAccepted(connection);
      if (accepted === null) return null;
      guard.hold(connection);
      return guardConnection(accepted, guard, () => connection);
    },
  };
}

function guardListenResult(result: ListenResult, guard: Guard): ListenResult {
  const stand = guard.wrap(result, ['onListening', 'onListenFailed']);
  return {
    onListening(listener) {
      const held = {
        local: listener.local,
        close(): void {
          guard.release(held);
          listener.close();
        },
      };
      guard.hold(held);
      stand.onListening(held);
    },
    onListenFailed: (failure) => stand.onListenFailed(failure),
  };
}
