/** Owns the trackers as lines: the one of the overview, and all with what they said and when they are asked next. Pure. */
import type { TrackerSnapshot } from '../../client/index.ts';
import { BOLD, cell, DIM, fitLine, type Line, lineWidth, type Style, span, spread } from '../text/line.ts';
import { ageWords, comingWords } from '../text/words.ts';

const OK: Style = { color: 'green' };
const BUSY: Style = { color: 'yellow' };
const BAD: Style = { color: 'red' };

/** The one tracker that matters most: what works before what is tried before what failed, the newest answer first. */
export function chiefTracker(trackers: readonly TrackerSnapshot[]): TrackerSnapshot | null {
  const rank = { working: 0, announcing: 1, failed: 2, waiting: 3 };
  const age = (tracker: TrackerSnapshot): number => tracker.lastAnswerAgeMs ?? Number.MAX_SAFE_INTEGER;
  return [...trackers].sort((a, b) => rank[a.status] - rank[b.status] || age(a) - age(b))[0] ?? null;
}

/** `URL    OK (1 min ago)`. The URL keeps at least a third when an error is long. */
export function trackerLine(trackers: readonly TrackerSnapshot[], columns: number): Line {
  const tracker = chiefTracker(trackers);
  if (tracker === null) return [span('no tracker: peers come from --peer', DIM)];
  const others = trackers.length - 1;
  const more = others > 0 ? ` +${others}` : '';
  const state = [...trackerState(tracker), span(more, DIM)];
  const urlRoom = Math.min(lineWidth([span(tracker.url)]), Math.floor(columns / 3));
  const stateRoom = Math.max(0, columns - urlRoom - 1);
  return spread([span(tracker.url)], fitLine(state, Math.min(lineWidth(state), stateRoom)), columns);
}

/** How it stands, in words, with the age of its last answer. */
export function trackerState(tracker: TrackerSnapshot): Line {
  const age = tracker.lastAnswerAgeMs === null ? '' : ` (${ageWords(tracker.lastAnswerAgeMs)})`;
  switch (tracker.status) {
    case 'working':
      return [span('OK', OK), span(age, DIM)];
    case 'announcing':
      return [span('asking for peers', BUSY), span(age === '' ? '' : `, last answer${age}`, DIM)];
    case 'failed':
      return [span(`failed: ${tracker.message}`, BAD), span(age, DIM)];
    case 'waiting':
      return [span('not asked yet', DIM)];
  }
}

/** Two lines for each tracker: where and how it stands; what it knows, what it said, and when it is asked next. */
export function trackerRows(trackers: readonly TrackerSnapshot[], columns: number): Line[] {
  if (trackers.length === 0) return [[span('This torrent has no tracker, or --no-trackers is given.', DIM)]];
  return trackers.flatMap((tracker) => [
    spread(
      [cell(`${tracker.tier + 1}.`, 4, DIM), span(tracker.url, BOLD)],
      trackerState(tracker).slice(0, tracker.status === 'failed' ? 1 : 2),
      columns,
    ),
    spread([span(' '.repeat(4)), ...countsOf(tracker)], nextAnnounce(tracker), columns),
  ]);
}

function countsOf(tracker: TrackerSnapshot): Line {
  const parts: string[] = [];
  if (tracker.peers !== null) parts.push(count(tracker.peers, 'peer'));
  if (tracker.seeds !== null) parts.push(count(tracker.seeds, 'seed'));
  if (tracker.leeches !== null) parts.push(count(tracker.leeches, 'leech', 'leeches'));
  const said = tracker.status === 'failed' ? '' : tracker.message;
  const text = parts.length === 0 ? 'no answer yet' : parts.join(', ');
  return [span(text, DIM), ...(said === '' ? [] : [span(`  it says: ${said}`, { color: 'yellow' })])];
}

function nextAnnounce(tracker: TrackerSnapshot): Line {
  if (tracker.nextAnnounceInMs === null) return [];
  return [span(`next announce ${comingWords(tracker.nextAnnounceInMs)}`, DIM)];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
