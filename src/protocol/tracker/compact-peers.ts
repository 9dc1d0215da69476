/**
 * Owns the reading of peers in compact form (BEP 23, BEP 7, BEP 15) and the list that peers of one answer are put in.
 *
 * Invariant of the list: every endpoint has a usable address and a port, none is there twice, and there are at most
 * {@link MAX_PEERS_PER_ANSWER}.
 */
import { addressFromBytes, type Endpoint, formatEndpoint, isUnusable } from '../../base/endpoint.ts';
import { MAX_PEERS_PER_ANSWER } from './announce.ts';

export class PeerList {
  readonly peers: Endpoint[] = [];
  readonly #seen = new Set<string>();

  get isFull(): boolean {
    return this.peers.length >= MAX_PEERS_PER_ANSWER;
  }

  /** Adds a peer with a canonical address, unless it is unusable, there already, or one too many. */
  add(address: string, port: number): void {
    if (this.isFull || !Number.isInteger(port) || port < 1 || port > 65535 || isUnusable(address)) return;
    const endpoint = { address, port };
    const key = formatEndpoint(endpoint);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.peers.push(endpoint);
  }

  /** Adds the compact peers of `bytes` from `start`. A last entry that is cut off is ignored. */
  addCompact(bytes: Uint8Array, start: number, addressLength: 4 | 16): void {
    const stride = addressLength + 2;
    for (let at = start; at + stride <= bytes.length && !this.isFull; at += stride) {
      const port = (bytes[at + addressLength]! << 8) | bytes[at + addressLength + 1]!;
      this.add(addressFromBytes(bytes, at, addressLength), port);
    }
  }
}
