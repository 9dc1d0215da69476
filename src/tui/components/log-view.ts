/** Owns the view of what happened to a torrent. */
import { createElement as h, type ReactElement } from 'react';
import { viewRows } from '../lines/layout.ts';
import { logRows } from '../lines/log-rows.ts';
import { clamp } from '../text/window.ts';
import { FramedView, progressHead } from './framed-view.ts';
import type { TorrentViewProps } from './stage.ts';

export function LogView({ stage, torrent }: TorrentViewProps): ReactElement {
  const height = viewRows(stage.size);
  const { lines } = torrent.log;
  const back = clamp(stage.ui.positions.log, 0, Math.max(0, lines.length - height));
  return h(FramedView, {
    stage,
    name: torrent.name,
    title: 'Log',
    note: back === 0 ? '' : `${back} newer below`,
    head: progressHead(stage, torrent.snapshot),
    lines: logRows(lines, back, height),
  });
}
