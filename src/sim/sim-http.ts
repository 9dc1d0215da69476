/**
 * Owns HTTP requests of one simulated host: `HttpClient` answered by the servers of the world, with the delays of names,
 * of connecting, and of the bytes' way. Messages are values here, never bytes; parsing HTTP is the real client's.
 */
import { isIPv6 } from '../base/endpoint.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { Failure, FailureCode } from '../ports/failure.ts';
import type { HttpClient, HttpHandler, HttpRequest } from '../ports/http.ts';
import type { Cancellable, ResolveHandler } from '../ports/resolver.ts';
import type { Names } from './names.ts';
import type { Network } from './network.ts';
import type { SimHost } from './sim-host.ts';
import { SimResolver } from './sim-resolver.ts';
import type { ServerAnswer, Web } from './web.ts';

export class SimHttp implements HttpClient {
  readonly #network: Network;
  readonly #host: SimHost;
  readonly #resolver: SimResolver;
  readonly #web: Web;
  readonly #running = new Set<Exchange>();

  constructor(network: Network, host: SimHost, names: Names, web: Web) {
    this.#network = network;
    this.#host = host;
    this.#resolver = new SimResolver(network, host, names);
    this.#web = web;
  }

  /** Requests under way. */
  get runningCount(): number {
    return this.#running.size;
  }

  get(request: HttpRequest, handler: HttpHandler): Cancellable {
    const exchange = new Exchange(this.#network, this.#host, this.#web, request, handler, this.#running);
    exchange.start(this.#resolver);
    return exchange;
  }
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly query: string;
}

const URL_FORM = /^(https?):\/\/(?:\[([^\]]+)\]|([^:/?#]+))(?::(\d+))?([^?#]*)(?:\?([^#]*))?/;

function parseTarget(url: string): Target | null {
  const match = URL_FORM.exec(url);
  if (match === null) return null;
  const port = match[4] === undefined ? (match[1] === 'https' ? 443 : 80) : Number(match[4]);
  return { host: match[2] ?? match[3]!, port, path: match[5] || '/', query: match[6] ?? '' };
}

const TIMER_TIMEOUT = 0;
const TIMER_REQUEST_ARRIVES = 1;
const TIMER_ANSWER_ARRIVES = 2;
const TIMER_FAIL = 3;

/** One request with its redirects. */
class Exchange implements Cancellable, TimerOwner, ResolveHandler {
  readonly #network: Network;
  readonly #host: SimHost;
  readonly #generation: number;
  readonly #web: Web;
  readonly #request: HttpRequest;
  readonly #handler: HttpHandler;
  readonly #running: Set<Exchange>;
  readonly #timeout = new Timer(this, TIMER_TIMEOUT);
  #step: Timer | null = null;
  #resolver: SimResolver | null = null;
  #question: Cancellable | null = null;
  #target: Target | null = null;
  #url: string;
  #server: SimHost | null = null;
  #serverAddress = '';
  #answer: ServerAnswer | null = null;
  #failureCode: FailureCode = 'other';
  #redirects = 0;

  constructor(
    network: Network,
    host: SimHost,
    web: Web,
    request: HttpRequest,
    handler: HttpHandler,
    running: Set<Exchange>,
  ) {
    this.#network = network;
    this.#host = host;
    this.#generation = host.generation;
    this.#web = web;
    this.#request = request;
    this.#handler = handler;
    this.#running = running;
    this.#url = request.url;
  }

  start(resolver: SimResolver): void {
    this.#resolver = resolver;
    this.#running.add(this);
    this.#network.scheduler.schedule(this.#timeout, this.#network.scheduler.now + this.#request.timeoutMs);
    this.#ask();
  }

  cancel(): void {
    this.#finish();
  }

  onResolved(addresses: readonly string[]): void {
    const address = addresses.find((one) => this.#sourceFor(one) !== null);
    const server = address === undefined ? null : this.#network.hostAt(this.#host, address);
    if (address === undefined) this.#failIn('unreachable', 0);
    else if (server === null) this.#failByFate(address);
    else {
      this.#server = server;
      this.#serverAddress = address;
      const roundTrip = this.#network.delay(this.#host, server) + this.#network.delay(server, this.#host);
      const target = this.#target!;
      if (server.isVanished) return;
      if (this.#web.serverAt(server, target.port) === null) this.#failIn('refused', roundTrip);
      else this.#stepIn(TIMER_REQUEST_ARRIVES, roundTrip + this.#network.delay(this.#host, server));
    }
  }

  onFailure(failure: Failure): void {
    this.#fail(failure.code);
  }

  onTimer(kind: number): void {
    if (this.#host.generation !== this.#generation) this.#finish();
    else if (kind === TIMER_TIMEOUT) this.#fail('timeout');
    else if (kind === TIMER_FAIL) this.#fail(this.#failureCode);
    else if (kind === TIMER_REQUEST_ARRIVES) this.#onRequestArrives();
    else this.#onAnswerArrives();
  }

  #ask(): void {
    this.#target = parseTarget(this.#url);
    if (this.#target === null) this.#failIn('unsupported', 0);
    else this.#question = this.#resolver!.resolve(this.#target.host, this.#request.timeoutMs, this);
  }

  #onRequestArrives(): void {
    const server = this.#server!;
    const target = this.#target!;
    const program = this.#web.serverAt(server, target.port);
    if (server.isVanished || program === null) return;
    const remoteAddress = this.#sourceFor(this.#serverAddress)!;
    const { scheduler, trace } = this.#network;
    trace.note(scheduler.now, 'http', `${this.#host.name} ${this.#url}`);
    const answer = program.answer({ path: target.path, query: target.query, remoteAddress });
    if (answer === null) return;
    this.#answer = answer;
    this.#stepIn(TIMER_ANSWER_ARRIVES, answer.delayMs + this.#network.delay(server, this.#host));
  }

  #onAnswerArrives(): void {
    const { status, body, location } = this.#answer!;
    const isRedirect = status >= 300 && status < 400 && location !== null;
    if (isRedirect && ++this.#redirects > this.#request.maxRedirects) this.#fail('too-many-redirects');
    else if (isRedirect) {
      this.#url = location;
      this.#ask();
    } else if (body.length > this.#request.maxBodyBytes) this.#fail('too-large');
    else {
      this.#finish();
      this.#handler.onResponse({ status, body, remoteAddress: this.#serverAddress });
    }
  }

  #sourceFor(address: string): string | null {
    const local = this.#request.localAddress;
    if (local === null) return this.#host.sourceFor(address);
    return isIPv6(local) === isIPv6(address) ? local : null;
  }

  #failByFate(address: string): void {
    const fate = this.#network.fateOf(address);
    if (fate !== 'black-hole') this.#failIn(fate, 2 * this.#network.delayToNowhere(this.#host));
  }

  #stepIn(kind: number, ms: number): void {
    this.#step = new Timer(this, kind);
    this.#network.scheduler.schedule(this.#step, this.#network.scheduler.now + ms);
  }

  #failIn(code: FailureCode, ms: number): void {
    this.#failureCode = code;
    this.#stepIn(TIMER_FAIL, ms);
  }

  #fail(code: FailureCode): void {
    this.#finish();
    this.#handler.onFailure({ code, operation: 'get', detail: this.#target?.host ?? this.#url });
  }

  #finish(): void {
    this.#running.delete(this);
    this.#question?.cancel();
    this.#network.scheduler.cancel(this.#timeout);
    if (this.#step !== null) this.#network.scheduler.cancel(this.#step);
  }
}
