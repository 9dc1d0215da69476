/** Owns the help: every key that does something now, and what the letters and colours mean. Pure. */
import type { Abilities } from '../data/steering.ts';
import { BOLD, cell, DIM, type Line, span } from '../text/line.ts';
import { PEER_FLAGS } from './peer-flags.ts';

const KEY_COLUMNS = 12;

export function helpRows(abilities: Abilities, torrentCount: number): Line[] {
  return [
    [span('Views', BOLD)],
    entry('p', 'peers'),
    entry('f', 'files'),
    entry('t', 'trackers'),
    entry('m', 'map of the pieces'),
    entry('l', 'log: what happened'),
    entry('?', 'this help'),
    entry('Esc', torrentCount > 1 ? 'back: to the overview, then to the list' : 'back to the overview'),
    ...(torrentCount > 1 ? [entry('Enter', 'open a torrent of the list'), entry('Tab', 'next torrent')] : []),
    entry('↑ ↓ PgUp PgDn', 'move, also with k and j; Home and End'),
    entry('s', 'peers: sort by another column'),
    [],
    [span('Steering', BOLD)],
    ...steeringRows(abilities),
    entry('q, Ctrl+C', 'stop gracefully; the same command goes on from there; again: leave at once'),
    entry('Ctrl+Z', 'suspend'),
    entry('Ctrl+L', 'paint the screen again'),
    [],
    [span('Flags of peers', BOLD)],
    ...PEER_FLAGS.map(([flag, meaning]) => entry(flag, meaning)),
  ];
}

function steeringRows(abilities: Abilities): Line[] {
  const rows: Line[] = [];
  if (abilities.canPause) rows.push(entry('Space', 'pause or resume'));
  if (abilities.canLimit) rows.push(entry('d, u', 'limit the download, the upload'));
  if (abilities.canAnnounce) rows.push(entry('a', 'ask the trackers now'));
  if (abilities.canSelectFiles) {
    rows.push(entry('Space', 'files: want or leave out'), entry('+ -', 'files: higher or lower priority'));
  }
  return rows;
}

function entry(keys: string, meaning: string): Line {
  const width = Math.max(KEY_COLUMNS, keys.length + 2);
  return [cell(`  ${keys}`, width + 2, { color: 'cyan' }), span(meaning, DIM)];
}
