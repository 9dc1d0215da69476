/**
 * Owns the lines of the log view: the newest events of one torrent as sentences, in bounded memory.
 */
import { eventSentence } from '../../cli/sentences.ts';
import type { ClientEvent } from '../../client/index.ts';

/** More than anybody scrolls through; at some 200 bytes each 200 kB. */
export const MAX_LOG_LINES = 1000;

export interface LogLine {
  /** ISO 8601. */
  readonly time: string;
  readonly sentence: string;
  readonly isTrouble: boolean;
}

export class EventLog {
  #lines: LogLine[] = [];

  /** Oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  add(event: ClientEvent): void {
    const sentence = sentenceOf(event);
    if (sentence !== null) this.say(event.time, sentence, isTrouble(event));
  }

  say(time: string, sentence: string, isTrouble: boolean): void {
    this.#lines.push({ time, sentence, isTrouble });
    // In halves, so that a full log does not move on every event.
    if (this.#lines.length >= 2 * MAX_LOG_LINES) this.#lines = this.#lines.slice(-MAX_LOG_LINES);
  }
}

function sentenceOf(event: ClientEvent): string | null {
  switch (event.event) {
    case 'listening':
      return `listening on port ${event.port}`;
    case 'peer-connected':
      return `connected to ${event.peer}, ${event.client}`;
    case 'peer-disconnected':
      return `${event.isBanned ? 'banned' : 'disconnected from'} ${event.peer}: ${event.message}`;
    case 'file-completed':
      return `${event.path} is complete`;
    case 'tracker':
      return trackerSentence(event);
    case 'error':
      return event.message;
    default:
      return eventSentence(event);
  }
}

function trackerSentence(event: Extract<ClientEvent, { event: 'tracker' }>): string {
  if (!event.ok) return `tracker ${event.url} failed: ${event.message}`;
  const warning = event.message === '' ? '' : ` (${event.message})`;
  const answer =
    event.announce === 'stopped'
      ? 'heard that we stop'
      : `knows ${event.peers === 1 ? '1 peer' : `${event.peers} peers`}`;
  return `tracker ${event.url} ${answer}${warning}`;
}

function isTrouble(event: ClientEvent): boolean {
  if (event.event === 'tracker') return !event.ok;
  if (event.event === 'peer-disconnected') return event.isBanned;
  return event.event === 'error' || event.event === 'piece-failed';
}
