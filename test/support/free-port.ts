/**
 * Owns the choice of a port for a program that cannot be asked to take a free one and to say which: one that is free for
 * TCP and for UDP now. Another program may take it in between; callers treat a busy port as a failed start.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const MAX_ATTEMPTS = 50;

/** A port of `address` that is free for TCP and UDP. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const port = await freeTcpPort(address);
    if (await isUdpFree(address, port)) return port;
  }
  throw new Error(`no free port on ${address}`);
}

function freeTcpPort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function isUdpFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, address, () => socket.close(() => resolve(true)));
  });
}
