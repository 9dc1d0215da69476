/**
 * Owns name resolution of one simulated host: `Resolver` over the world's names, with the delay of a question and its
 * answer.
 */
import { canonicalAddress } from '../base/endpoint.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { FailureCode } from '../ports/failure.ts';
import type { Cancellable, ResolveHandler, Resolver } from '../ports/resolver.ts';
import type { Names } from './names.ts';
import type { Network } from './network.ts';
import type { SimHost } from './sim-host.ts';

export class SimResolver implements Resolver {
  readonly #network: Network;
  readonly #host: SimHost;
  readonly #names: Names;

  constructor(network: Network, host: SimHost, names: Names) {
    this.#network = network;
    this.#host = host;
    this.#names = names;
  }

  resolve(host: string, timeoutMs: number, handler: ResolveHandler): Cancellable {
    const literal = canonicalAddress(host);
    const fate = literal === null ? this.#names.lookUp(host) : [literal];
    const answerMs = literal === null ? 2 * this.#network.delayToNowhere(this.#host) : 0;
    const isLate = fate === 'silent' || answerMs > timeoutMs;
    const outcome: readonly string[] | FailureCode = isLate ? 'timeout' : fate;
    const question = new Question(this.#network, this.#host, host, outcome, handler);
    question.answerIn(isLate ? timeoutMs : answerMs);
    return question;
  }
}

/** One question and its answer. */
class Question implements Cancellable, TimerOwner {
  readonly #network: Network;
  readonly #host: SimHost;
  readonly #generation: number;
  readonly #name: string;
  readonly #outcome: readonly string[] | FailureCode;
  readonly #handler: ResolveHandler;
  readonly #timer = new Timer(this);

  constructor(
    network: Network,
    host: SimHost,
    name: string,
    outcome: readonly string[] | FailureCode,
    handler: ResolveHandler,
  ) {
    this.#network = network;
    this.#host = host;
    this.#generation = host.generation;
    this.#name = name;
    this.#outcome = outcome;
    this.#handler = handler;
  }

  answerIn(ms: number): void {
    this.#network.scheduler.schedule(this.#timer, this.#network.scheduler.now + ms);
  }

  cancel(): void {
    this.#network.scheduler.cancel(this.#timer);
  }

  onTimer(): void {
    if (this.#host.generation !== this.#generation) return;
    if (typeof this.#outcome !== 'string') this.#handler.onResolved(this.#outcome);
    else this.#handler.onFailure({ code: this.#outcome, operation: 'resolve', detail: this.#name });
  }
}
