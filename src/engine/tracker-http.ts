/**
 * Owns one announce to one HTTP or HTTPS tracker (BEP 3).
 *
 * The system chooses the address family (the HTTP client tries both); what the tracker knows of peers of the other family
 * comes with `peers6` (BEP 7).
 */

import type { Failure } from '../ports/failure.ts';
import type { HttpClient, HttpHandler, HttpResponse } from '../ports/http.ts';
import type { Cancellable } from '../ports/resolver.ts';
import type { AnnounceAnswer } from '../protocol/tracker/announce.ts';
import { announceUrl } from '../protocol/tracker/http-announce-url.ts';
import { MAX_ANSWER_BYTES, parseHttpAnswer } from '../protocol/tracker/http-answer.ts';
import type {
  AnnounceFailure,
  AnnounceHandler,
  AnnounceInFlight,
  AnnounceRequest,
} from './tracker-announce.ts';
import { httpStatus, malformed, refused, worldFailure } from './tracker-failure.ts';

/** From name resolution to the last byte; slow trackers under load answer within it, and others wait as long. */
const HTTP_TIMEOUT_MS = 30_000;
/** `http` to `https`, to `www`, and a few more. */
const MAX_REDIRECTS = 5;
const STATUS_OK = 200;

const NOTHING: AnnounceAnswer = {
  peers: [],
  intervalSeconds: null,
  minIntervalSeconds: null,
  seeds: null,
  leeches: null,
  warning: null,
  trackerId: null,
  externalAddress: null,
};

export class HttpAnnounce implements HttpHandler, AnnounceInFlight {
  /** Whether the connection stands is the HTTP client's affair. */
  readonly mayBeHeard = true;
  readonly #request: AnnounceRequest;
  readonly #handler: AnnounceHandler;
  readonly #onInput: () => void;
  #inFlight: Cancellable | null = null;
  #isCancelled = false;

  /** `onInput` is called before each outcome, so that the engine's turn runs. */
  constructor(request: AnnounceRequest, handler: AnnounceHandler, onInput: () => void) {
    this.#request = request;
    this.#handler = handler;
    this.#onInput = onInput;
  }

  start(http: HttpClient, localAddress: string | null): void {
    const { url, infoHash, peerId, port, key, source, event, numWant, trackerId, timeoutMs } = this.#request;
    const counters = source.counters();
    const get = {
      url: announceUrl(url, { infoHash, peerId, port, key, counters, event, numWant, trackerId }),
      timeoutMs: Math.min(timeoutMs ?? HTTP_TIMEOUT_MS, HTTP_TIMEOUT_MS),
      maxBodyBytes: MAX_ANSWER_BYTES,
      maxRedirects: MAX_REDIRECTS,
      localAddress,
    };
    this.#inFlight = http.get(get, this);
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#inFlight?.cancel();
  }

  onResponse(response: HttpResponse): void {
    this.#onInput();
    const result = parseHttpAnswer(response.body);
    if (response.status === STATUS_OK && result.kind === 'answer') {
      this.#answer(result.answer, response.remoteAddress);
    } else if (result.kind === 'refusal') this.#handler.onEnded(refused(result.refusal));
    else if (response.status !== STATUS_OK) this.#handler.onEnded(httpStatus(response.status));
    else if (this.#request.event === 'stopped') {
      // Nobody needs an answer to `stopped`, and some trackers send none.
      this.#answer(NOTHING, response.remoteAddress);
    } else this.#handler.onEnded(malformedResult(result));
  }

  onFailure(failure: Failure): void {
    this.#onInput();
    this.#handler.onEnded(worldFailure(failure));
  }

  #answer(answer: AnnounceAnswer, remoteAddress: string | null): void {
    this.#handler.onAnswer(answer, remoteAddress);
    if (!this.#isCancelled) this.#handler.onEnded(null);
  }
}

function malformedResult(result: ReturnType<typeof parseHttpAnswer>): AnnounceFailure {
  return malformed(result.kind === 'malformed' ? result.reason : 'an answer without a meaning');
}
