/**
 * A program: listens on a port of several addresses, says so with one line, and never accepts a connection. Its event
 * loop stands still until it is killed. Arguments: PORT ADDRESS...
 */
import { writeSync } from 'node:fs';
import { createServer } from 'node:net';

const [port, ...addresses] = process.argv.slice(2);
for (const address of addresses) {
  await new Promise<void>((resolve, reject) => {
    createServer()
      .once('error', reject)
      .listen({ port: Number(port), host: address, backlog: 1 }, resolve);
  });
}
writeSync(1, 'listening\n');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
