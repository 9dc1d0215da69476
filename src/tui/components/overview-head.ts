/** Owns the upper part of the overview: name, tracker, bar, numbers, and the sentence that says what is happening. */
import { createElement as h, type ReactElement } from 'react';
import { barLine, numbersLine } from '../lines/progress-lines.ts';
import { statusLine } from '../lines/status-line.ts';
import { trackerLine } from '../lines/tracker-rows.ts';
import { row, rule, titleRule } from '../text/frame.ts';
import { BOLD, DIM, span } from '../text/line.ts';
import { Lines } from './lines.ts';
import type { OverviewPartProps } from './overview.ts';

export function OverviewHead({ stage, torrent, layout }: OverviewPartProps): ReactElement {
  const { session, ui, size } = stage;
  const { columns } = size;
  const inner = columns - 4;
  const count = session.torrents.length;
  const place = count > 1 ? [span(`${ui.torrent + 1} of ${count}`, DIM)] : [];
  const trackers = torrent.details?.trackers;
  const lines = [
    titleRule(columns, 'top', [span(torrent.name, BOLD)], place),
    row(columns, trackers === undefined ? [] : trackerLine(trackers, inner)),
    ...(layout.hasTrackerRule ? [rule(columns, 'middle')] : []),
    row(columns, barLine(torrent.snapshot, inner)),
    row(columns, numbersLine(torrent.snapshot, inner)),
    row(columns, statusLine(session, torrent)),
  ];
  return h(Lines, { stage, lines });
}
