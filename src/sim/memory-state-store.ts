/**
 * The `StateStore` port in virtual time, on a state folder in memory that outlives the process.
 *
 * What was committed is in the {@link MemoryStateFolder}; everything else dies with `stop`, as in a crash. Faults: the n-th
 * operation fails, all operations fail, parts are damaged. Invariant: what was given to `save` is not changed until it is
 * committed; whoever does so is found out, because the real store would store one thing or the other.
 */
import { assert } from '../base/assert.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { FailureCode } from '../ports/failure.ts';
import {
  MAX_TORRENTS_PER_ANSWER,
  NO_PROGRESS,
  type ResumeData,
  type StateFailure,
  type StateStore,
  type StateStoreHandler,
  type StoredTorrent,
  type TorrentProgress,
  type TorrentSettings,
  type TorrentUpdate,
} from '../ports/state-store.ts';
import type { Time } from '../ports/time.ts';
import type { StateChange } from '../store/state-changes.ts';
import { StateStoreFront, type StoreCommand, type StoreExecutor } from '../store/state-store-front.ts';
import type { Scheduler } from './scheduler.ts';

/** The parts of a torrent that can be damaged apart. */
export type StatePartName = 'metainfo' | 'settings' | 'progress' | 'resume';

interface StoredParts {
  readonly settings: TorrentSettings;
  readonly progress: TorrentProgress | null;
  readonly resume: ResumeData | null;
  readonly metainfo: Uint8Array | null;
}

/** What lies on the device, whoever runs. */
export class MemoryStateFolder {
  readonly path: string;
  #torrents = new Map<string, StoredParts>();
  readonly #failingOperations = new Map<number, FailureCode>();
  readonly #damaged: { readonly infoHash: string; readonly part: StatePartName }[] = [];
  #holder: MemoryStateStore | null = null;
  /** Fails every operation while set. */
  failure: FailureCode | null = null;
  /** Operations so far: one for each open, commit and question. */
  operationCount = 0;
  /** Times that damage was set aside. */
  setAsideCount = 0;
  /** Commits that became durable. */
  commitCount = 0;

  constructor(path = '/state') {
    this.path = path;
  }

  /** Makes the `number`-th operation from the beginning (1 is the first) fail. */
  failOperation(number: number, code: FailureCode): void {
    this.#failingOperations.set(number, code);
  }

  /** Makes a part of a stored torrent unsound: it is found, and set aside, when it is next looked at or opened. */
  damage(infoHash: string, part: StatePartName): void {
    this.#damaged.push({ infoHash, part });
  }

  /** What is durable, in order of arrival. */
  torrents(): StoredTorrent[] {
    return [...this.#torrents].map(([infoHash, parts]) => ({
      infoHash,
      hasMetainfo: parts.metainfo !== null,
      settings: parts.settings,
      progress: parts.progress ?? NO_PROGRESS,
      resume: parts.resume === null ? null : copyOfResume(parts.resume),
    }));
  }

  metainfo(infoHash: string): Uint8Array | null {
    return this.#torrents.get(infoHash)?.metainfo ?? null;
  }

  // For stores

  /** Counts an operation; the failure that it meets, or null. */
  enter(operation: string): StateFailure | null {
    this.operationCount++;
    const code = this.#failingOperations.get(this.operationCount) ?? this.failure;
    return code === null ? null : { code, operation, detail: this.path };
  }

  /** Gives the folder to `store`; the failure when another one has it. */
  take(store: MemoryStateStore): StateFailure | null {
    if (this.#holder !== null && this.#holder !== store) {
      return { code: 'in-use', operation: 'lock', detail: this.path };
    }
    this.#holder = store;
    return null;
  }

  leave(store: MemoryStateStore): void {
    if (this.#holder === store) this.#holder = null;
  }

  /** All changes at once. */
  apply(changes: readonly StateChange[]): void {
    for (const { infoHash, isRemoved, update } of changes) {
      if (isRemoved) this.#torrents.delete(infoHash);
      if (update === null) continue;
      const stored = this.#torrents.get(infoHash);
      const settings = update.settings ?? stored?.settings;
      if (settings === undefined) continue;
      this.#torrents.set(infoHash, {
        settings,
        progress: update.progress ?? stored?.progress ?? null,
        resume: update.resume === undefined ? (stored?.resume ?? null) : update.resume,
        metainfo: update.metainfo ?? stored?.metainfo ?? null,
      });
    }
    this.commitCount++;
  }

  /** Drops what is unsound. What to tell of it, or null when all is well. */
  setAsideDamage(): { path: string; reason: string; keptTorrents: number; lostTorrents: number } | null {
    if (this.#damaged.length === 0) return null;
    let lostTorrents = 0;
    for (const { infoHash, part } of this.#damaged.splice(0)) {
      const stored = this.#torrents.get(infoHash);
      if (stored === undefined) continue;
      if (part === 'settings') {
        this.#torrents.delete(infoHash);
        lostTorrents++;
      } else this.#torrents.set(infoHash, { ...stored, [part]: null });
    }
    this.setAsideCount++;
    return {
      path: `${this.path}/state.db.damaged-${this.setAsideCount}`,
      reason: 'a checksum does not match',
      keptTorrents: this.#torrents.size,
      lostTorrents,
    };
  }
}

export interface MemoryStateStoreOptions {
  readonly folder: MemoryStateFolder;
  readonly time: Time;
  readonly scheduler: Scheduler;
  /** Virtual milliseconds that an operation takes. Default 1. */
  readonly latencyMs?: number;
}

const TIMER_WORK = 0;
const TIMER_FRONT = 1;

export class MemoryStateStore implements StateStore, StoreExecutor, TimerOwner {
  readonly #folder: MemoryStateFolder;
  readonly #scheduler: Scheduler;
  readonly #latencyMs: number;
  readonly #front: StateStoreFront;
  readonly #work = new Timer(this, TIMER_WORK);
  readonly #frontTimer = new Timer(this, TIMER_FRONT);
  /** Commands under way, and when each is done. */
  readonly #commands: { readonly at: number; readonly command: StoreCommand }[] = [];
  /** Copies of the resume data that was given, as it was then. */
  readonly #given = new WeakMap<ResumeData, ResumeData>();
  #refusal: StateFailure | null = null;
  #hasStopped = false;

  constructor(options: MemoryStateStoreOptions) {
    this.#folder = options.folder;
    this.#scheduler = options.scheduler;
    this.#latencyMs = options.latencyMs ?? 1;
    assert(this.#latencyMs > 0, 'work on a device takes time');
    this.#front = new StateStoreFront(options.time, this);
  }

  // StateStore

  bind(handler: StateStoreHandler): void {
    this.#front.bind(handler);
  }

  open(): void {
    this.#front.open();
  }

  loadMetainfo(infoHash: string): void {
    this.#front.loadMetainfo(infoHash);
  }

  save(update: TorrentUpdate): void {
    if (update.resume) this.#given.set(update.resume, copyOfResume(update.resume));
    this.#front.save(update);
  }

  remove(infoHash: string): void {
    this.#front.remove(infoHash);
  }

  flush(): void {
    this.#front.flush();
  }

  close(): void {
    this.#front.close();
  }

  deliver(): void {
    if (!this.#hasStopped) this.#front.deliver();
  }

  /** The process died: what is not durable is lost, the folder is free, and nothing is answered. */
  stop(): void {
    this.#hasStopped = true;
    this.#scheduler.cancel(this.#work);
    this.#scheduler.cancel(this.#frontTimer);
    this.#folder.leave(this);
  }

  // StoreExecutor

  send(command: StoreCommand): void {
    if (this.#hasStopped) return;
    const last = this.#commands[this.#commands.length - 1];
    const at = Math.max(last?.at ?? 0, this.#scheduler.now) + this.#latencyMs;
    this.#commands.push({ at, command });
    if (!this.#work.isScheduled) this.#scheduler.schedule(this.#work, at);
  }

  arm(delayMs: number): void {
    if (!this.#hasStopped) this.#scheduler.schedule(this.#frontTimer, this.#scheduler.now + delayMs);
  }

  disarm(): void {
    this.#scheduler.cancel(this.#frontTimer);
  }

  onTimer(kind: number): void {
    if (kind === TIMER_FRONT) {
      this.#front.onTimer();
      return;
    }
    this.#execute(this.#commands.shift()!.command);
    const next = this.#commands[0];
    if (next !== undefined && !this.#hasStopped) this.#scheduler.schedule(this.#work, next.at);
  }

  #execute(command: StoreCommand): void {
    if (command.kind === 'open') this.#open();
    else if (command.kind === 'commit') this.#commit(command.changes);
    else if (command.kind === 'metainfo') this.#answerMetainfo(command.infoHash);
    else {
      this.#folder.leave(this);
      this.#front.onEnded({ code: 'closed', operation: 'use', detail: this.#folder.path });
    }
  }

  #open(): void {
    this.#refusal = this.#folder.enter('open') ?? this.#folder.take(this);
    if (this.#refusal === null) {
      this.#tellSetAside();
      const torrents = this.#folder.torrents();
      for (let at = 0; at < torrents.length; at += MAX_TORRENTS_PER_ANSWER) {
        this.#front.onAnswer({
          kind: 'torrents',
          torrents: torrents.slice(at, at + MAX_TORRENTS_PER_ANSWER),
        });
      }
    }
    this.#front.onAnswer({ kind: 'open', failure: this.#refusal });
  }

  #commit(changes: readonly StateChange[]): void {
    const failure = this.#refusal ?? this.#folder.enter('write');
    if (failure === null) {
      this.#tellSetAside();
      this.#folder.apply(changes.map((change) => this.#unchanged(change)));
    }
    this.#front.onAnswer({ kind: 'commit', failure });
  }

  #answerMetainfo(infoHash: string): void {
    let failure = this.#refusal ?? this.#folder.enter('read');
    const wasDamaged = failure === null && this.#tellSetAside();
    const metainfo = failure === null ? this.#folder.metainfo(infoHash) : null;
    if (wasDamaged && metainfo === null) {
      failure = { code: 'damaged', operation: 'read', detail: `the metainfo of ${infoHash}` };
    }
    this.#front.onAnswer({ kind: 'metainfo', infoHash, metainfo: metainfo?.slice() ?? null, failure });
  }

  #tellSetAside(): boolean {
    const setAside = this.#folder.setAsideDamage();
    if (setAside !== null) this.#front.onAnswer({ kind: 'set-aside', setAside });
    return setAside !== null;
  }

  /** The change with a copy of its resume data, which is as it was given. */
  #unchanged(change: StateChange): StateChange {
    const resume = change.update?.resume;
    if (!resume) return change;
    const copy = this.#given.get(resume);
    assert(copy !== undefined, 'what is committed was given');
    assert(isSameResume(resume, copy), 'what was given to the store was changed before it was stored');
    return { ...change, update: { ...change.update!, resume: copy } };
  }
}

function copyOfResume(resume: ResumeData): ResumeData {
  return {
    pieceCount: resume.pieceCount,
    verified: resume.verified.slice(),
    partials: resume.partials.map(({ piece, blocks }) => ({ piece, blocks: blocks.slice() })),
    files: { lengths: resume.files.lengths.slice(), modifiedAt: resume.files.modifiedAt.slice() },
    bootId: resume.bootId,
  };
}

function isSameResume(a: ResumeData, b: ResumeData): boolean {
  const isSamePartial = (partial: { piece: number; blocks: Uint8Array }, at: number): boolean =>
    partial.piece === b.partials[at]!.piece && isSame(partial.blocks, b.partials[at]!.blocks);
  return (
    isSame(a.verified, b.verified) &&
    isSame(a.files.lengths, b.files.lengths) &&
    isSame(a.files.modifiedAt, b.files.modifiedAt) &&
    a.partials.length === b.partials.length &&
    a.partials.every(isSamePartial)
  );
}

function isSame(a: Uint8Array | Float64Array, b: Uint8Array | Float64Array): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
