/**
 * Owns the engine's side of a `StateStore`, whatever is behind it: what waits is merged and goes as one batch, the next
 * when the one before is answered, so that a slow device makes batches grow and never a queue. Shared by the real store
 * and the simulated one, which differ in what executes the commands.
 *
 * Invariants: answers reach the handler only inside `deliver`; at most one batch is on its way; what failed goes back
 * under what came since; every call that is answered has its answer even when the executor dies, and from then on there
 * is no state.
 */
import { assert, unreachable } from '../base/assert.ts';
import type {
  SetAside,
  StateFailure,
  StateStore,
  StateStoreHandler,
  StoredTorrent,
  TorrentUpdate,
} from '../ports/state-store.ts';
import type { Time } from '../ports/time.ts';
import { metainfoIn, type StateChange, StateChanges } from './state-changes.ts';

/** Executed in order, each answered by the answer of the same kind; `open` by `torrents`, as often as need be, before. */
export type StoreCommand =
  | { readonly kind: 'open' }
  | { readonly kind: 'commit'; readonly changes: readonly StateChange[] }
  | { readonly kind: 'metainfo'; readonly infoHash: string }
  | { readonly kind: 'close' };

/** `close` is answered by the executor's end. */
export type StoreAnswer =
  | { readonly kind: 'torrents'; readonly torrents: readonly StoredTorrent[] }
  | { readonly kind: 'open'; readonly failure: StateFailure | null }
  | { readonly kind: 'commit'; readonly failure: StateFailure | null }
  | {
      readonly kind: 'metainfo';
      readonly infoHash: string;
      readonly metainfo: Uint8Array | null;
      readonly failure: StateFailure | null;
    }
  | { readonly kind: 'set-aside'; readonly setAside: SetAside };

/** What executes commands, and one timer. It never calls back from inside a call. */
export interface StoreExecutor {
  send(command: StoreCommand): void;
  /** Calls `onTimer` once after this time, replacing an earlier wish. */
  arm(delayMs: number): void;
  disarm(): void;
}

/** From the first change to the batch that it goes with. Half of what the contract allows; the rest is for the device. */
const COMMIT_DELAY_MS = 1000;
/** From a batch that failed to the next attempt: a full disk is not emptied by trying. */
const RETRY_DELAY_MS = 5000;

/** An answer made on this side, waiting for `deliver`. */
type OwnAnswer =
  | { readonly kind: 'flushed'; readonly failure: StateFailure | null }
  | { readonly kind: 'trouble'; readonly failure: StateFailure }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'closed'; readonly failure: StateFailure | null };
type Answer = Exclude<StoreAnswer, { readonly kind: 'commit' }> | OwnAnswer;

export class StateStoreFront implements StateStore {
  readonly #time: Time;
  readonly #executor: StoreExecutor;
  readonly #changes = new StateChanges();
  #handler: StateStoreHandler | null = null;
  #answers: Answer[] = [];
  #phase: 'new' | 'opening' | 'open' | 'closing' | 'closed' = 'new';
  /** Why there is no state, once that is certain. */
  #refusal: StateFailure | null = null;
  #hasEnded = false;
  /** The batch that the executor has. */
  #batch: readonly StateChange[] | null = null;
  /** Flushes that the batch answers, and those that wait for a later one. */
  #flushesOfBatch = 0;
  #flushes = 0;
  /** Questions that the executor has, in order. */
  readonly #metainfoAsked: string[] = [];
  #isArmed = false;
  /** The timer fired, and what waits has not gone yet. */
  #isDue = false;
  #trouble: StateFailure | null = null;
  #wantsClose = false;
  #closeFailure: StateFailure | null = null;

  /** `time` is asked for a turn when there is something to deliver. */
  constructor(time: Time, executor: StoreExecutor) {
    this.#time = time;
    this.#executor = executor;
  }

  bind(handler: StateStoreHandler): void {
    assert(this.#handler === null, 'a store has one handler');
    this.#handler = handler;
  }

  open(): void {
    assert(this.#phase === 'new', 'a store is opened once');
    this.#phase = this.#refusal === null ? 'opening' : 'open';
    if (this.#refusal === null) this.#executor.send({ kind: 'open' });
    else this.#answer({ kind: 'open', failure: this.#refusal });
  }

  loadMetainfo(infoHash: string): void {
    this.#assertUsable();
    if (this.#refusal !== null) {
      this.#answer({ kind: 'metainfo', infoHash, metainfo: null, failure: this.#refusal });
      return;
    }
    let known = this.#changes.metainfoOf(infoHash);
    if (known === undefined) known = metainfoIn(this.#batch?.find((change) => change.infoHash === infoHash));
    if (known !== undefined) {
      this.#answer({ kind: 'metainfo', infoHash, metainfo: known, failure: null });
      return;
    }
    this.#metainfoAsked.push(infoHash);
    this.#executor.send({ kind: 'metainfo', infoHash });
  }

  save(update: TorrentUpdate): void {
    this.#assertUsable();
    if (this.#refusal !== null) return;
    this.#changes.save(update);
    this.#arm(COMMIT_DELAY_MS);
  }

  remove(infoHash: string): void {
    this.#assertUsable();
    if (this.#refusal !== null) return;
    this.#changes.remove(infoHash);
    this.#arm(COMMIT_DELAY_MS);
  }

  flush(): void {
    this.#assertUsable();
    this.#flushes++;
    this.#pump();
  }

  close(): void {
    // Whoever ends a host that does not end by itself cannot know how far its engine came.
    if (this.#wantsClose) return;
    this.#assertUsable();
    this.#wantsClose = true;
    this.#pump();
  }

  deliver(): void {
    if (this.#answers.length === 0) return;
    assert(this.#handler !== null, 'a store is bound before it is used');
    const answers = this.#answers;
    this.#answers = [];
    for (const answer of answers) deliverAnswer(answer, this.#handler);
  }

  // For the executor

  onAnswer(answer: StoreAnswer): void {
    if (this.#hasEnded) return;
    if (answer.kind === 'commit') {
      this.#onCommitted(answer.failure);
      return;
    }
    // One that was asked before the store refused to open has its answer already.
    if (answer.kind === 'metainfo' && this.#metainfoAsked.shift() === undefined) return;
    this.#answer(answer);
    if (answer.kind === 'open') this.#onOpened(answer.failure);
  }

  onTimer(): void {
    this.#isArmed = false;
    this.#isDue = true;
    this.#pump();
  }

  /** The executor ended: as asked, or by itself and for `failure`. Harmless when it has ended. */
  onEnded(failure: StateFailure): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#phase === 'closing') {
      this.#finish();
      return;
    }
    this.#refuse(failure);
    this.#batch = null;
    this.#flushes += this.#flushesOfBatch;
    this.#flushesOfBatch = 0;
    if (this.#phase === 'opening') {
      this.#answer({ kind: 'open', failure });
      this.#phase = 'open';
    }
    this.#pump();
  }

  #assertUsable(): void {
    assert(this.#phase !== 'new', 'a store is opened before it is used');
    assert(!this.#wantsClose, 'nothing is asked of a store after its close');
  }

  /** Does whatever can be done now. */
  #pump(): void {
    if (this.#phase === 'opening' || this.#phase === 'closed') return;
    if (this.#refusal !== null) {
      this.#answerFlushes(this.#refusal);
      if (this.#wantsClose) this.#end();
      return;
    }
    if (this.#batch !== null || this.#phase === 'closing') return;
    if (this.#changes.isEmpty) {
      this.#answerFlushes(null);
      if (this.#wantsClose) this.#end();
    } else if (this.#isDue || this.#flushes > 0 || this.#wantsClose) this.#sendBatch();
  }

  #sendBatch(): void {
    this.#disarm();
    this.#batch = this.#changes.take();
    this.#flushesOfBatch = this.#flushes;
    this.#flushes = 0;
    this.#executor.send({ kind: 'commit', changes: this.#batch });
  }

  #onCommitted(failure: StateFailure | null): void {
    const batch = this.#batch!;
    const flushes = this.#flushesOfBatch;
    this.#batch = null;
    this.#flushesOfBatch = 0;
    if (failure === null) {
      if (this.#trouble !== null) this.#answer({ kind: 'recovered' });
      this.#trouble = null;
    } else {
      this.#changes.putBack(batch);
      if (this.#trouble === null) this.#answer({ kind: 'trouble', failure });
      this.#trouble = failure;
      this.#disarm();
      this.#arm(RETRY_DELAY_MS);
    }
    for (let i = 0; i < flushes; i++) this.#answer({ kind: 'flushed', failure });
    if (failure !== null && this.#wantsClose) {
      this.#closeFailure = failure;
      this.#answerFlushes(failure);
      this.#end();
    } else this.#pump();
  }

  /** Answers the flushes that wait. */
  #answerFlushes(failure: StateFailure | null): void {
    for (; this.#flushes > 0; this.#flushes--) this.#answer({ kind: 'flushed', failure });
  }

  /** Ends the executor; `onClosed` follows when it has ended: whoever waits for it may count threads. */
  #end(): void {
    if (this.#phase === 'closing') return;
    this.#phase = 'closing';
    this.#disarm();
    this.#closeFailure ??= this.#refusal;
    if (this.#hasEnded) this.#finish();
    else this.#executor.send({ kind: 'close' });
  }

  #finish(): void {
    this.#phase = 'closed';
    this.#answer({ kind: 'closed', failure: this.#closeFailure });
  }

  #onOpened(failure: StateFailure | null): void {
    this.#phase = 'open';
    if (failure !== null) this.#refuse(failure);
    this.#pump();
  }

  /** There is no state from now on. */
  #refuse(failure: StateFailure): void {
    this.#refusal = failure;
    this.#disarm();
    this.#changes.take();
    for (const infoHash of this.#metainfoAsked.splice(0)) {
      this.#answer({ kind: 'metainfo', infoHash, metainfo: null, failure });
    }
  }

  #arm(delayMs: number): void {
    if (this.#isArmed || this.#isDue) return;
    this.#isArmed = true;
    this.#executor.arm(delayMs);
  }

  #disarm(): void {
    if (this.#isArmed) this.#executor.disarm();
    this.#isArmed = false;
    this.#isDue = false;
  }

  #answer(answer: Answer): void {
    this.#answers.push(answer);
    this.#time.requestTurn();
  }
}

function deliverAnswer(answer: Answer, handler: StateStoreHandler): void {
  switch (answer.kind) {
    case 'torrents':
      return handler.onTorrents(answer.torrents);
    case 'open':
      return handler.onOpened(answer.failure);
    case 'metainfo':
      return handler.onMetainfo(answer.infoHash, answer.metainfo, answer.failure);
    case 'set-aside':
      return handler.onSetAside(answer.setAside);
    case 'flushed':
      return handler.onFlushed(answer.failure);
    case 'trouble':
      return handler.onTrouble(answer.failure);
    case 'recovered':
      return handler.onRecovered();
    case 'closed':
      return handler.onClosed(answer.failure);
    default:
      return unreachable(answer);
  }
}
