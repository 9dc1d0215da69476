/**
 * Owns addresses that never answer, of two kinds: some accept a connection and then say nothing, as a hung program does;
 * others let the attempt itself hang, as a firewall that drops packets does. The second kind is a listening socket in a
 * process that accepts nothing and whose backlog is full: Linux then drops further SYNs. No privilege needed.
 */
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { startProgram } from './processes.ts';
import type { Scope } from './scope.ts';

const FULL_BACKLOG = fileURLToPath(new URL('./full-backlog.ts', import.meta.url));
/** The program listens with a backlog of 1, which Linux takes as room for two; the third attempt already hangs. */
const CONNECTIONS_TO_FILL = 3;
const START_TIMEOUT_MS = 10_000;

export interface SilentAddresses {
  /** `HOST:PORT` of each. */
  readonly endpoints: readonly string[];
  /** How many connections were accepted so far. */
  acceptedCount(): number;
}

/** `count` loopback addresses `127.NET.x.y` that accept and never say anything. */
export async function startMuteAddresses(scope: Scope, net: number, count: number): Promise<SilentAddresses> {
  let accepted = 0;
  const port = await freePort();
  const addresses = loopbackAddresses(net, count);
  for (const address of addresses) {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      accepted++;
      sockets.add(socket);
      socket.on('error', () => {}); // a reset by the other side
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, address, resolve);
    });
    scope.defer(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
  }
  return { endpoints: addresses.map((address) => `${address}:${port}`), acceptedCount: () => accepted };
}

/** `count` loopback addresses `127.NET.x.y` on which a connection attempt hangs. */
export async function startHangingAddresses(
  scope: Scope,
  net: number,
  count: number,
): Promise<SilentAddresses> {
  const port = await freePort();
  const addresses = loopbackAddresses(net, count);
  const program = startProgram(scope, process.execPath, [FULL_BACKLOG, String(port), ...addresses]);
  const ready = new Promise<void>((resolve) => program.onLine(() => resolve()));
  await program.whileRunning(ready, START_TIMEOUT_MS, 'listening');
  const fillers = addresses.flatMap((address) => fill(scope, address, port));
  await Promise.all(fillers.map((filler) => filler.filled));
  return { endpoints: addresses.map((address) => `${address}:${port}`), acceptedCount: () => 0 };
}

/** `127.NET.0.1`, `127.NET.0.2`, … */
export function loopbackAddresses(net: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `127.${net}.${Math.floor(i / 250)}.${(i % 250) + 1}`);
}

function fill(scope: Scope, address: string, port: number): { filled: Promise<void> }[] {
  return Array.from({ length: CONNECTIONS_TO_FILL }, (_, i) => {
    const socket = connect(port, address);
    socket.on('error', () => {}); // ends with the program
    scope.defer(() => {
      socket.destroy();
    });
    const isLast = i === CONNECTIONS_TO_FILL - 1;
    return {
      filled: isLast ? Promise.resolve() : new Promise((resolve) => socket.once('connect', () => resolve())),
    };
  });
}
