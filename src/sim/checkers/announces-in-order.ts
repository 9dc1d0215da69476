/**
 * Checks what one client told a tracker about one torrent: `started` first and once, `completed` at most once, `stopped` last,
 * counters that never fall, and a least wait before announces without an event.
 */
import type { RecordedAnnounce } from '../sim-tracker.ts';

/**
 * One sentence for each rule that is broken. `announces` are one client's, in order; `leastWaitMs` is the tracker's interval,
 * or less where a client may come back sooner for more peers.
 */
export function announcesInOrder(announces: readonly RecordedAnnounce[], leastWaitMs: number): string[] {
  const violations: string[] = [];
  const events = announces.map((announce) => announce.event);
  if (events.length > 0 && events[0] !== 'started') violations.push(`began with ${events[0] || 'no event'}`);
  for (const event of ['completed', 'stopped']) {
    if (events.filter((one) => one === event).length > 1) violations.push(`${event} more than once`);
  }
  const stopped = events.indexOf('stopped');
  if (stopped >= 0 && stopped < events.length - 1) violations.push('announced after stopped');
  for (let i = 1; i < announces.length; i++) {
    const before = announces[i - 1]!;
    const now = announces[i]!;
    if (now.downloaded < before.downloaded || now.uploaded < before.uploaded || now.left > before.left) {
      violations.push(`counters went back in announce ${i}`);
    }
    const tooSoon = now.event === '' && now.at - before.at < leastWaitMs;
    if (tooSoon)
      violations.push(`announce ${i} came ${Math.round(now.at - before.at)} ms after the one before`);
  }
  return violations;
}
