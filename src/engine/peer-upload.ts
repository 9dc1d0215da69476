/**
 * Owns what we give to one peer: whether we choke it, what it asked for, and the blocks that its connection has
 * borrowed (BEP 3, 6). What is sent when is decided by `uploader.ts`, who is choked by `choker.ts`.
 *
 * Invariant: a slot that was lent belongs to the socket until the connection gives it back, and then to nobody.
 */
import { OWNER_DISK, OWNER_SOCKET } from '../base/arena.ts';
import { BLOCK_LENGTH, type SlotId } from '../base/numbers.ts';
import { RateMeter } from '../base/rate-meter.ts';
import type { Connection } from '../ports/transport.ts';
import type { MessageWriter } from '../protocol/wire/message-writer.ts';
import { UPLOAD_STUCK_MS } from './limits.ts';
import type { PeerShared } from './peer-host.ts';
import { UploadQueue } from './upload-queue.ts';

export class PeerUpload {
  isChoking = true;
  chokeChangedAt: number;
  /** Payload that the connection took since we last stopped choking. */
  sentSinceUnchoke = 0;
  /** When the connection last took a block, or was lent the first one. */
  #takenAt: number;
  readonly meter: RateMeter;
  readonly #shared: PeerShared;
  #queue: UploadQueue | null = null;

  constructor(shared: PeerShared, now: number) {
    this.#shared = shared;
    this.chokeChangedAt = now;
    this.#takenAt = now;
    this.meter = new RateMeter(now, 4000);
  }

  /** The peer's requests; made when there is a first one, because most peers of a leech never have any. */
  get queue(): UploadQueue {
    this.#queue ??= new UploadQueue();
    return this.#queue;
  }

  get hasQueue(): boolean {
    return this.#queue !== null;
  }

  /** The connection has been lent blocks and takes none, so they are lost to everybody else. */
  isStuck(now: number): boolean {
    return this.#queue !== null && this.#queue.lentCount > 0 && now - this.#takenAt > UPLOAD_STUCK_MS;
  }

  /** Turns choking on or off. Who is choked gets nothing of what waits, and is told so if `tells` (BEP 6). */
  setChoking(choking: boolean, now: number, writer: MessageWriter, tells: boolean): void {
    this.isChoking = choking;
    this.chokeChangedAt = now;
    this.sentSinceUnchoke = 0;
    if (!choking) {
      writer.unchoke();
      return;
    }
    writer.choke();
    const queue = this.#queue;
    while (queue !== null && queue.length > 0) {
      if (tells) writer.reject(queue.firstPiece, queue.firstBegin, queue.firstLength);
      queue.shift();
    }
  }

  /** Lends a block in a slot held by the disk to the connection. */
  send(connection: Connection, piece: number, begin: number, length: number, slot: SlotId): void {
    const { arena, blockHead } = this.#shared;
    arena.handOver(slot, OWNER_DISK, OWNER_SOCKET);
    if (this.queue.lentCount === 0) this.#takenAt = this.#shared.time.now();
    this.queue.lend(slot, length);
    blockHead.clear();
    blockHead.pieceHeader(piece, begin, length);
    const view = arena.view(slot);
    connection.writeBlock(blockHead.bytes(), length === BLOCK_LENGTH ? view : view.subarray(0, length));
  }

  /** The connection took the oldest lent block; its length. */
  takeBack(now: number): number {
    const queue = this.queue;
    const length = queue.nextLentLength;
    this.#takenAt = now;
    this.#shared.arena.release(queue.takeBack(), OWNER_SOCKET);
    this.meter.add(length, now);
    this.sentSinceUnchoke += length;
    return length;
  }

  /** The connection is closed: all that it borrowed comes back. */
  takeBackAll(): void {
    const queue = this.#queue;
    while (queue !== null && queue.lentCount > 0) this.#shared.arena.release(queue.takeBack(), OWNER_SOCKET);
  }
}
