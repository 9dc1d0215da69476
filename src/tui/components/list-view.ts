/** Owns the list of torrents, where there are several. */
import { createElement as h, type ReactElement } from 'react';
import { viewRows } from '../lines/layout.ts';
import { statusLine } from '../lines/status-line.ts';
import { listSummary, torrentRows } from '../lines/torrent-list.ts';
import { spread } from '../text/line.ts';
import { windowAround, windowWords } from '../text/window.ts';
import { FramedView } from './framed-view.ts';
import type { Stage } from './stage.ts';

export function ListView({ stage }: { readonly stage: Stage }): ReactElement {
  const { session, ui, size } = stage;
  const columns = size.columns - 4;
  // The last two rows are for what the chosen torrent does.
  const height = Math.max(1, viewRows(size) - 2);
  const first = windowAround(ui.torrent, session.torrents.length, height);
  const shown = torrentRows(session.torrents, ui.torrent, first, height, columns);
  const gap = Array.from({ length: height - shown.length + 1 }, () => []);
  const chosen = session.torrents[ui.torrent];
  const { left, right } = listSummary(session.torrents);
  return h(FramedView, {
    stage,
    name: 'spate',
    title: 'Torrents',
    note: windowWords(first, height, session.torrents.length),
    head: spread(left, right, columns),
    lines: [...shown, ...gap, chosen === undefined ? [] : statusLine(session, chosen)],
  });
}
