/** Checks that a client that closed left nothing behind: no connection, port, request, file or turn. */
import type { SimClient } from '../sim-client.ts';

/** One sentence for each kind of thing that is left; empty when nothing is. */
export function nothingLeft(client: SimClient): string[] {
  const { host, http, disk, fileSystem, engine, time } = client;
  const left: [count: number, what: string][] = [
    [host.connections.size, 'connections'],
    [host.listeners.length, 'listening ports'],
    [host.sockets.length, 'datagram sockets'],
    [http.runningCount, 'HTTP requests'],
    [disk.openFiles, 'files open at the disk'],
    [fileSystem.openCount, 'open files'],
    [engine.torrentSnapshots().length, 'torrents'],
    [time.isPending ? 1 : 0, 'turns to come'],
  ];
  return left.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what} left`);
}
