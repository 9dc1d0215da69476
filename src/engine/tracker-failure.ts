/** Owns the words for what went wrong at a tracker, and the values that carry them. */
import type { Failure } from '../ports/failure.ts';
import type { TrackerRefusal } from '../protocol/tracker/announce.ts';
import type { AnnounceFailure } from './tracker-announce.ts';

/** The world said no. */
export function worldFailure(failure: Failure): AnnounceFailure {
  return { code: failure.code, message: wordsFor(failure), retryInSeconds: null };
}

/** The tracker said no. */
export function refused(refusal: TrackerRefusal): AnnounceFailure {
  const message = `the tracker refused: ${refusal.reason}`;
  return { code: 'bad-answer', message, retryInSeconds: refusal.retryInSeconds };
}

/** The tracker answered nonsense. */
export function malformed(reason: string): AnnounceFailure {
  return {
    code: 'bad-answer',
    message: `the tracker's answer makes no sense: ${reason}`,
    retryInSeconds: null,
  };
}

export function httpStatus(status: number): AnnounceFailure {
  return { code: 'http-status', message: `the tracker answered HTTP status ${status}`, retryInSeconds: null };
}

function wordsFor(failure: Failure): string {
  switch (failure.code) {
    case 'timeout':
      return 'the tracker did not answer in time';
    case 'refused':
      return 'the connection was refused';
    case 'reset':
    case 'closed':
      return 'the connection was closed before the answer';
    case 'unreachable':
      return 'the network or host is unreachable';
    case 'not-found':
      return 'the host name was not found';
    case 'tls':
      return withDetail('no secure connection', failure.detail);
    case 'too-large':
      return 'the answer is too large';
    case 'too-many-redirects':
      return 'too many redirects';
    case 'unsupported':
      return withDetail('not supported', failure.detail);
    default:
      return withDetail(`${failure.operation} failed (${failure.code})`, failure.detail);
  }
}

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`;
}
