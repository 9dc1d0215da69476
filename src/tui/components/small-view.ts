/** Owns what is shown where there is no room for a frame: the numbers that matter, without borders. */
import { Box } from 'ink';
import { createElement as h, type ReactElement } from 'react';
import { barLine, numbersLine } from '../lines/progress-lines.ts';
import { statusLine } from '../lines/status-line.ts';
import { BOLD, fitLine, span } from '../text/line.ts';
import { Lines } from './lines.ts';
import type { TorrentViewProps } from './stage.ts';

export function SmallView({ stage, torrent }: TorrentViewProps): ReactElement {
  const { columns, rows } = stage.size;
  const lines = [
    barLine(torrent.snapshot, columns),
    numbersLine(torrent.snapshot, columns),
    statusLine(stage.session, torrent),
    [span(torrent.name, BOLD)],
  ];
  const shown = lines.slice(0, rows).map((line) => fitLine(line, columns));
  return h(Box, { flexDirection: 'column' }, h(Lines, { stage, lines: shown }));
}
