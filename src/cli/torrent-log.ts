/**
 * Owns which of a torrent's events become lines for people, so that a log says what matters and does not
 * flood: progress and diagnoses at intervals, a tracker's failure once. Pure; time is the events' own.
 */
import type { ClientEvent, ProgressEvent } from '../client/index.ts';
import { eventSentence, isWaiting, progressSentence } from './sentences.ts';

/** Between lines of progress while data comes. */
const PROGRESS_MS = 10_000;
/** Between lines about different reasons for waiting, so that reasons that take turns do not flood. */
const DIAGNOSIS_MS = 10_000;
/** Until the same reason for waiting is said again. */
const STILL_WAITING_MS = 60_000;
/** Between lines about damaged pieces: one peer can damage many a second. */
const FAILED_PIECE_MS = 10_000;
/** Trackers whose last failure is remembered; no torrent has more that matter. */
const MAX_REMEMBERED_TRACKERS = 200;

export class TorrentLog {
  readonly #withProgress: boolean;
  readonly #trackerFailures = new Map<string, string>();
  #lastDiagnosis: string | null = null;
  #lastLineAt = Number.NEGATIVE_INFINITY;
  #lastFailedPieceAt = Number.NEGATIVE_INFINITY;

  /** Without progress only what happened is said: for an output that shows the state in another way. */
  constructor(withProgress: boolean) {
    this.#withProgress = withProgress;
  }

  /** The sentence that `event` is worth now, or null. */
  onEvent(event: ClientEvent): string | null {
    if (event.event === 'progress')
      return this.#withProgress ? this.#onProgress(event, Date.parse(event.time)) : null;
    if (event.event === 'tracker' && !this.#isNewTrackerState(event)) return null;
    if (event.event === 'piece-failed') {
      const now = Date.parse(event.time);
      if (now - this.#lastFailedPieceAt < FAILED_PIECE_MS) return null;
      this.#lastFailedPieceAt = now;
    }
    return eventSentence(event);
  }

  #onProgress(progress: ProgressEvent, now: number): string | null {
    if (progress.state === 'stopping' || progress.state === 'complete') return null;
    const code = isWaiting(progress) ? progress.diagnosis.code : null;
    const isNew = code !== this.#lastDiagnosis;
    const sinceLine = now - this.#lastLineAt;
    if (code === null)
      return sinceLine >= PROGRESS_MS ? this.#line(null, now, progressSentence(progress)) : null;
    if (isNew) {
      return sinceLine >= DIAGNOSIS_MS || this.#lastDiagnosis === null
        ? this.#line(code, now, progressSentence(progress))
        : null;
    }
    if (sinceLine < STILL_WAITING_MS) return null;
    return this.#line(code, now, `still waiting: ${progressSentence(progress)}`);
  }

  #line(code: string | null, now: number, sentence: string): string {
    this.#lastDiagnosis = code;
    this.#lastLineAt = now;
    return sentence;
  }

  /** True for the first failure of a tracker, for another failure, and never for a success. */
  #isNewTrackerState(event: Extract<ClientEvent, { event: 'tracker' }>): boolean {
    if (event.ok) {
      this.#trackerFailures.delete(event.url);
      return false;
    }
    if (this.#trackerFailures.get(event.url) === event.message) return false;
    if (this.#trackerFailures.size < MAX_REMEMBERED_TRACKERS)
      this.#trackerFailures.set(event.url, event.message);
    return true;
  }
}
