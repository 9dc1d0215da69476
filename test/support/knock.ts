/** Owns a question that a peer asks by dialling: is somebody at this address welcome? */
import { connect } from 'node:net';

const PROTOCOL = Buffer.from('\x13BitTorrent protocol', 'latin1');
const PATIENCE_MS = 5000;

/**
 * Dials `port` on loopback from the local address `from` and shakes hands for `infoHash`. Resolves to `welcome` when
 * the other side answers with its handshake, to `refused` when it closes without one.
 */
export function knock(from: string, port: number, infoHash: Uint8Array): Promise<'welcome' | 'refused'> {
  return new Promise((resolve, reject) => {
    let received = 0;
    const host = from.includes(':') ? '::1' : '127.0.0.1';
    const socket = connect({ host, port, localAddress: from });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`neither welcome nor refused after ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
    const settle = (answer: 'welcome' | 'refused'): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => {
      socket.write(Buffer.concat([PROTOCOL, Buffer.alloc(8), infoHash, Buffer.from('-XX0001-knockknockkn')]));
    });
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (received >= 68) settle('welcome');
    });
    socket.on('error', () => settle('refused'));
    socket.on('close', () => settle('refused'));
  });
}
