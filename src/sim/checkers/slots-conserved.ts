/** Checks that no slot of an arena is lost: after the engine closed, all are free. */
import { type Arena, OWNER_DISK, OWNER_ENGINE, OWNER_PEER, OWNER_SOCKET } from '../../base/arena.ts';

const HOLDERS: readonly (readonly [name: string, owner: number])[] = [
  ['peers', OWNER_PEER],
  ['the engine', OWNER_ENGINE],
  ['the disk', OWNER_DISK],
  ['sockets', OWNER_SOCKET],
];

/** One sentence for each holder that kept slots; empty when all are free. */
export function slotsConserved(arena: Arena): string[] {
  const violations: string[] = [];
  for (const [name, owner] of HOLDERS) {
    const count = arena.countOf(owner);
    if (count > 0) violations.push(`${count} slots are held by ${name}`);
  }
  return violations;
}
