/**
 * Measures the message decoder: a stream of 16 KiB piece messages, fed in reads of 64 to 256 KiB, each block copied once to
 * a slot of an arena. Prints CPU seconds a GiB and heap bytes a block, once with the copy and once with blocks discarded,
 * which is the parsing alone. Run: node --expose-gc bench/micro/wire.ts [GiB]
 */
import { Arena } from '../../src/base/arena.ts';
import { BLOCK_LENGTH, slotId } from '../../src/base/numbers.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { nodeBlockCopy } from '../../src/node/block-copy.ts';
import { MessageDecoder } from '../../src/protocol/wire/message-decoder.ts';
import type { MessageHandler } from '../../src/protocol/wire/message-handler.ts';
import { MessageWriter } from '../../src/protocol/wire/message-writer.ts';
import { wireLimits } from '../../src/protocol/wire/wire-limits.ts';

const GIB = 2 ** 30;
const BLOCKS_IN_STREAM = 64;
const ARENA_BYTES = 64 << 20;
const READ_SIZES = 1024;

class CountingHandler implements MessageHandler {
  readonly #arena = new Arena(ARENA_BYTES);
  readonly #discards: boolean;
  #next = 0;
  blocks = 0;

  constructor(discards: boolean) {
    this.#discards = discards;
  }

  onBlockStart(): Uint8Array | null {
    if (this.#discards) return null;
    this.#next = (this.#next + 1) % this.#arena.slotCount;
    return this.#arena.view(slotId(this.#next, this.#arena.slotCount));
  }

  onBlockEnd(): void {
    this.blocks++;
  }

  onKeepAlive(): void {}
  onChoke(): void {}
  onUnchoke(): void {}
  onInterested(): void {}
  onNotInterested(): void {}
  onHave(): void {}
  onBitfield(): void {}
  onRequest(): void {}
  onCancel(): void {}
  onPort(): void {}
  onSuggest(): void {}
  onHaveAll(): void {}
  onHaveNone(): void {}
  onReject(): void {}
  onAllowedFast(): void {}
  onExtended(): void {}
  onUnknown(): void {}
}

/** Whole piece messages, one after the other; what is fed wraps round at the end. */
function pieceStream(): Uint8Array {
  const writer = new MessageWriter(1024);
  const parts: Uint8Array[] = [];
  for (let block = 0; block < BLOCKS_IN_STREAM; block++) {
    writer.clear();
    writer.pieceHeader(block >>> 4, (block & 15) * BLOCK_LENGTH, BLOCK_LENGTH);
    parts.push(writer.bytes().slice(), new Uint8Array(BLOCK_LENGTH).fill(block));
  }
  return new Uint8Array(Buffer.concat(parts));
}

function feed(stream: Uint8Array, handler: CountingHandler, bytes: number): void {
  const random = new SeededRandom(1);
  const sizes = Int32Array.from({ length: READ_SIZES }, () => 65_536 + random.below(3 * 65_536));
  const decoder = new MessageDecoder(wireLimits(10_000), nodeBlockCopy);
  for (let fed = 0, at = 0, read = 0; fed < bytes; read++) {
    const end = Math.min(stream.length, at + sizes[read % READ_SIZES]!);
    if (decoder.feed(stream, at, end, handler) !== 0) throw new Error('a violation in a sound stream');
    fed += end - at;
    at = end === stream.length ? 0 : end;
  }
}

function measure(title: string, discards: boolean, bytes: number): void {
  const stream = pieceStream();
  const handler = new CountingHandler(discards);
  feed(stream, handler, bytes / 8); // compiled code and touched pages first
  handler.blocks = 0;
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  feed(stream, handler, bytes);
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const heapBytes = process.memoryUsage().heapUsed - heapBefore;
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  const gib = (handler.blocks * BLOCK_LENGTH) / GIB;
  const heap =
    globalThis.gc === undefined ? 'unknown, needs --expose-gc' : (heapBytes / handler.blocks).toFixed(3);
  console.log(
    `${title}: ${handler.blocks} blocks, ${(cpuSeconds / gib).toFixed(3)} CPU s/GiB, ` +
      `${((cpuSeconds / handler.blocks) * 1e9).toFixed(0)} ns a block, ` +
      `${((gib * 1024) / wallSeconds).toFixed(0)} MiB/s, heap bytes a block: ${heap}`,
  );
}

const gib = Number(process.argv[2] ?? 16);
measure('decode and copy', false, gib * GIB);
measure('decode, discard', true, gib * GIB * 8);
