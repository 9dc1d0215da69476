/**
 * Owns the caller's side of a client, whatever thread its engine is on: promises for commands, the delivery
 * of events to listeners at the listeners' pace, and a `close` that always ends.
 *
 * Invariants: every promise settles, also when the host dies; events reach each listener in order, one at a
 * time; `closed` is the last, exactly once, and after it every call is refused.
 */
import { InputError } from '../base/input-error.ts';
import type { AddTorrentOptions, Client, ClientEvent, ClientListener, TorrentDetails } from './api.ts';
import { checkAddOptions, rateLimits } from './check-options.ts';
import { ClientError } from './client-error.ts';
import type {
  HostAnswer,
  HostCommand,
  HostLink,
  HostMessage,
  HostReceiver,
  Refusal,
} from './host-messages.ts';

/** The engine itself takes 3 s at most for the trackers and then finishes its writes; more is a hang. */
const CLOSE_TIMEOUT_MS = 5000;

interface PendingCall {
  readonly resolve: (value: HostAnswer) => void;
  readonly reject: (error: Error) => void;
}

type CallCommand = Extract<HostCommand, { readonly id: number }>;
type WithoutId<C> = C extends unknown ? Omit<C, 'id'> : never;

export class LinkedClient implements Client, HostReceiver {
  readonly #link: HostLink;
  readonly #closeTimeoutMs: number;
  readonly #calls = new Map<number, PendingCall>();
  readonly #listeners = new Set<ClientListener>();
  readonly #stopWaiters = new Map<string, PromiseWithResolvers<void>[]>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  /** What came before anybody could listen: one batch, because the host waits then. Null from then on. */
  #early: ClientEvent[] | null = [];
  /** What of the last batch no listener has got yet. */
  readonly #undelivered: ClientEvent[] = [];
  /** What is left to do hangs on listeners, not on the engine. */
  #hasEngineEnded = false;
  #lastCallId = 0;
  #closing: Promise<void> | null = null;
  #end: ClientError | null = null;

  /** `openLink` connects this receiver with a host. The time-out is replaced in tests. */
  constructor(openLink: (receiver: HostReceiver) => HostLink, closeTimeoutMs: number = CLOSE_TIMEOUT_MS) {
    this.#closeTimeoutMs = closeTimeoutMs;
    // A rejection before anybody asked for it is not an unhandled one.
    this.#started.promise.catch(() => undefined);
    this.#link = openLink(this);
  }

  /** Resolves when the engine listens; rejects with `ClientError` when it cannot. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  async add(options: AddTorrentOptions): Promise<string> {
    checkAddOptions(options);
    return (await this.#call({ kind: 'add', options })) as string;
  }

  async remove(infoHash: string): Promise<void> {
    // Before the call, because the event may come before the answer does.
    const waiter = Promise.withResolvers<void>();
    waiter.promise.catch(() => undefined);
    this.#stopWaiters.set(infoHash, [...(this.#stopWaiters.get(infoHash) ?? []), waiter]);
    const isStopping = await this.#call({ kind: 'remove', infoHash });
    if (isStopping === true) await waiter.promise;
    else this.#forgetWaiter(infoHash, waiter);
  }

  async details(infoHash: string): Promise<TorrentDetails | null> {
    return (await this.#call({ kind: 'details', infoHash })) as TorrentDetails | null;
  }

  async pause(infoHash: string): Promise<void> {
    await this.#call({ kind: 'pause', infoHash });
  }

  async resume(infoHash: string): Promise<void> {
    await this.#call({ kind: 'resume', infoHash });
  }

  async announceNow(infoHash: string): Promise<void> {
    await this.#call({ kind: 'announce', infoHash });
  }

  async setLimits(
    infoHash: string | null,
    limits: { maxDownRate: number; maxUpRate: number },
  ): Promise<void> {
    await this.#call({ kind: 'limits', infoHash, limits: rateLimits(limits) });
  }

  subscribe(listener: ClientListener): () => void {
    this.#listeners.add(listener);
    this.#releaseEarly();
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  onMessage(message: HostMessage): void {
    if (this.#end !== null) return;
    switch (message.kind) {
      case 'answer':
        this.#takeCall(message.id)?.resolve(message.value);
        return;
      case 'refused':
        this.#takeCall(message.id)?.reject(toError(message.refusal));
        return;
      case 'ended':
        this.#hasEngineEnded = true;
        return;
      case 'events':
        for (const event of message.events) this.#watchStart(event);
        if (this.#early === null) void this.#deliver(message.events);
        else this.#early.push(...message.events);
        return;
    }
  }

  onDied(message: string): void {
    this.#endBadly('bug', message);
  }

  #call(command: WithoutId<CallCommand>): Promise<HostAnswer> {
    if (this.#end !== null) return Promise.reject(this.#end);
    if (this.#closing !== null) return Promise.reject(closedError());
    this.#releaseEarly();
    const { promise, resolve, reject } = Promise.withResolvers<HostAnswer>();
    const id = ++this.#lastCallId;
    this.#calls.set(id, { resolve, reject });
    this.#link.send({ ...command, id } as CallCommand);
    return promise;
  }

  #takeCall(id: number): PendingCall | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  /** Looks at events as they arrive, because the start must be known before anybody listens. */
  #watchStart(event: ClientEvent): void {
    if (event.event === 'listening') this.#started.resolve();
    else if (event.event === 'error' && event.infoHash === null) {
      this.#started.reject(new ClientError(event.code, event.message));
    } else if (event.event === 'closed') this.#started.reject(closedError());
  }

  /**
   * Lets events flow, from the first sign that the caller has the client: a command must not wait for a
   * listener.
   */
  #releaseEarly(): void {
    const early = this.#early;
    this.#early = null;
    // Not from inside `subscribe`: its caller has not yet got the means to unsubscribe.
    if (early !== null && early.length > 0) queueMicrotask(() => void this.#deliver(early));
  }

  /** Gives the listeners a batch and asks for the next. Never rejects. */
  async #deliver(events: readonly ClientEvent[]): Promise<void> {
    this.#undelivered.push(...events);
    for (let event = this.#undelivered.shift(); event !== undefined; event = this.#undelivered.shift()) {
      const waits = this.#tell(event);
      if (waits.length > 0) await Promise.allSettled(waits);
      if (this.#end !== null) return;
      this.#afterDelivery(event);
    }
    if (this.#end === null) this.#link.send({ kind: 'taken' });
  }

  /** Gives the listeners what is here without waiting for them: it is one batch at most. */
  #deliverAtOnce(): void {
    for (const event of [...(this.#early ?? []), ...this.#undelivered.splice(0)]) {
      this.#tell(event);
      this.#afterDelivery(event);
    }
    this.#early = null;
  }

  /**
   * Calls every listener; what they want waited for. A listener that throws is its owner's bug and ends
   * nothing here.
   */
  #tell(event: ClientEvent): PromiseLike<void>[] {
    const waits: PromiseLike<void>[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        const wait = listener(event);
        if (wait !== undefined) waits.push(wait);
      } catch (error) {
        // Reported as uncaught, on the caller's own stack and terms, like an exception in any event handler.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    return waits;
  }

  #afterDelivery(event: ClientEvent): void {
    if (event.event === 'stopped') this.#resolveStopped(event.infoHash);
    if (event.event === 'closed') this.#finish(closedError());
  }

  #resolveStopped(infoHash: string): void {
    for (const waiter of this.#stopWaiters.get(infoHash) ?? []) waiter.resolve();
    this.#stopWaiters.delete(infoHash);
  }

  #forgetWaiter(infoHash: string, waiter: PromiseWithResolvers<void>): void {
    const rest = (this.#stopWaiters.get(infoHash) ?? []).filter((other) => other !== waiter);
    if (rest.length === 0) this.#stopWaiters.delete(infoHash);
    else this.#stopWaiters.set(infoHash, rest);
  }

  async #close(): Promise<void> {
    if (this.#end !== null) return;
    this.#releaseEarly();
    const timer = setTimeout(() => this.#closeNow(), this.#closeTimeoutMs);
    this.#link.send({ kind: 'close' });
    await this.#closed.promise;
    clearTimeout(timer);
  }

  /**
   * The time for closing is over. When the engine has ended, only listeners are behind: they get what is
   * here, and what the host still holds for them is lost.
   */
  #closeNow(): void {
    if (!this.#hasEngineEnded) {
      this.#endBadly('timeout', SLOW_CLOSE);
      return;
    }
    this.#deliverAtOnce();
    if (this.#end !== null) return;
    this.#tell({ event: 'closed', time: new Date().toISOString(), infoHash: null });
    this.#finish(closedError());
  }

  /** Ends without the host's cooperation: the listeners hear why, nobody is waited for. */
  #endBadly(code: string, message: string): void {
    if (this.#end !== null) return;
    const time = new Date().toISOString();
    const error = new ClientError(code, message);
    this.#started.reject(error);
    this.#deliverAtOnce();
    if (this.#end !== null) return;
    this.#tell({ event: 'error', time, infoHash: null, code, message });
    this.#tell({ event: 'closed', time, infoHash: null });
    this.#finish(error);
  }

  #finish(reason: ClientError): void {
    this.#end = reason;
    this.#link.terminate();
    for (const call of this.#calls.values()) call.reject(reason);
    this.#calls.clear();
    for (const waiters of this.#stopWaiters.values()) for (const waiter of waiters) waiter.reject(reason);
    this.#stopWaiters.clear();
    this.#listeners.clear();
    this.#closed.resolve();
  }
}

const SLOW_CLOSE = 'the engine did not end in time, so it was ended by force; what is verified is on disk';

function closedError(): ClientError {
  return new ClientError('closed', 'the client is closed');
}

function toError(refusal: Refusal): Error {
  return refusal.kind === 'input'
    ? new InputError(refusal.code, refusal.message)
    : new ClientError(refusal.code, refusal.message);
}
