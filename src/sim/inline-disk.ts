/**
 * The `Disk` port in virtual time: the same disk core as the worker's, run by the scheduler's events, with a
 * latency.
 *
 * A submission reaches the core `latencyMs` later, completions are delivered in the turn that follows. Fences
 * and snapshots go on one step an event, so that they interleave with later submissions as they do in the
 * worker. After `stop` (the process died) nothing runs any more.
 */
import { arenaViews } from '../base/arena.ts';
import { assert } from '../base/assert.ts';
import type { PieceIndex, SlotId, StorageId } from '../base/numbers.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import { CommandBatch } from '../disk/command-batch.ts';
import type { CompletionReceiver } from '../disk/completion-batch.ts';
import { deliverCompletions } from '../disk/deliver-completions.ts';
import { DiskCore } from '../disk/disk-core.ts';
import { IDLE_FLUSH_MS } from '../disk/limits.ts';
import type { Commands, Completions } from '../disk/records.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { Disk, DiskHandler, StorageSpec } from '../ports/disk.ts';
import type { FileSystem } from '../ports/file-system.ts';
import type { ResumeData } from '../ports/state-store.ts';
import type { Time } from '../ports/time.ts';
import type { Scheduler } from './scheduler.ts';

export interface InlineDiskOptions {
  /** The arena's memory. */
  readonly memory: SharedArrayBuffer;
  readonly fileSystem: FileSystem;
  readonly crypto: Crypto;
  readonly time: Time;
  readonly scheduler: Scheduler;
  /**
   * Virtual milliseconds from a submission to its effect, and of one step of a fence or snapshot. Default 1.
   */
  readonly latencyMs?: number;
  readonly maxOpenFiles?: number;
}

const TIMER_WORK = 0;
const TIMER_IDLE = 1;

export class InlineDisk implements Disk, CompletionReceiver, TimerOwner {
  readonly #core: DiskCore;
  readonly #time: Time;
  readonly #scheduler: Scheduler;
  readonly #latencyMs: number;
  readonly #commands = new CommandBatch();
  readonly #work = new Timer(this, TIMER_WORK);
  readonly #idle = new Timer(this, TIMER_IDLE);
  /** Submissions under way to the core, and when they get there. */
  readonly #submitted: { readonly at: number; readonly commands: Commands }[] = [];
  #arrived: Completions[] = [];
  #handler: DiskHandler | null = null;
  #hasWork = false;
  #hasStopped = false;

  constructor(options: InlineDiskOptions) {
    this.#time = options.time;
    this.#scheduler = options.scheduler;
    this.#latencyMs = options.latencyMs ?? 1;
    assert(this.#latencyMs > 0, 'work on a disk takes time');
    this.#core = new DiskCore({
      fileSystem: options.fileSystem,
      crypto: options.crypto,
      slots: arenaViews(options.memory),
      receiver: this,
      ...(options.maxOpenFiles === undefined ? {} : { maxOpenFiles: options.maxOpenFiles }),
    });
  }

  /** Files open now. */
  get openFiles(): number {
    return this.#core.openFiles;
  }

  bind(handler: DiskHandler): void {
    assert(this.#handler === null, 'a disk has one handler');
    this.#handler = handler;
  }

  open(storage: StorageId, spec: StorageSpec, resume: ResumeData | null): void {
    this.#commands.open(storage, spec, resume);
  }

  check(storage: StorageId): void {
    this.#commands.check(storage);
  }

  write(storage: StorageId, piece: PieceIndex, begin: number, length: number, slot: SlotId): void {
    this.#commands.write(storage, piece, begin, length, slot);
  }

  read(storage: StorageId, piece: PieceIndex, begin: number, length: number, slot: SlotId): void {
    this.#commands.read(storage, piece, begin, length, slot);
  }

  hash(storage: StorageId, piece: PieceIndex): void {
    this.#commands.hash(storage, piece);
  }

  blockDigests(storage: StorageId, piece: PieceIndex): void {
    this.#commands.blockDigests(storage, piece);
  }

  snapshot(storage: StorageId, sync: boolean): void {
    this.#commands.snapshot(storage, sync);
  }

  release(storage: StorageId): void {
    this.#commands.release(storage);
  }

  close(): void {
    this.#commands.close();
  }

  submit(): void {
    if (this.#commands.isEmpty || this.#hasStopped) return;
    this.#submitted.push({
      at: this.#scheduler.now + this.#latencyMs,
      commands: this.#commands.take(),
    });
    if (!this.#work.isScheduled) this.#scheduler.schedule(this.#work, this.#submitted[0]!.at);
  }

  deliver(): void {
    if (this.#arrived.length === 0) return;
    assert(this.#handler !== null, 'a disk is bound before it is used');
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const completions of arrived) deliverCompletions(completions, this.#handler);
  }

  /** The process died: what is under way is lost, and nothing is completed. */
  stop(): void {
    this.#hasStopped = true;
    this.#scheduler.cancel(this.#work);
    this.#scheduler.cancel(this.#idle);
  }

  onCompletions(completions: Completions): void {
    this.#arrived.push(completions);
    this.#time.requestTurn();
  }

  onTimer(kind: number): void {
    if (kind === TIMER_IDLE) this.#core.flushHeld();
    else this.#run();
  }

  #run(): void {
    const now = this.#scheduler.now;
    while (this.#submitted.length > 0 && this.#submitted[0]!.at <= now) {
      this.#core.submit(this.#submitted.shift()!.commands);
      this.#hasWork = true;
    }
    if (this.#hasWork) this.#hasWork = this.#core.step();
    const stepAt = this.#hasWork ? now + this.#latencyMs : Number.POSITIVE_INFINITY;
    const at = Math.min(stepAt, this.#submitted[0]?.at ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(at)) this.#scheduler.schedule(this.#work, at);
    if (this.#core.heldBlocks > 0) this.#scheduler.schedule(this.#idle, now + IDLE_FLUSH_MS);
    else this.#scheduler.cancel(this.#idle);
  }
}
