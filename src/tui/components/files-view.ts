/** Owns the view of a torrent's files as a tree. */
import { createElement as h, type ReactElement } from 'react';
import { formatCount } from '../../cli/format.ts';
import { fileRows } from '../lines/file-rows.ts';
import { viewRows } from '../lines/layout.ts';
import { clamp, windowAround, windowWords } from '../text/window.ts';
import { FramedView, progressHead } from './framed-view.ts';
import type { TorrentViewProps } from './stage.ts';

export function FilesView({ stage, torrent }: TorrentViewProps): ReactElement {
  const { ui, size } = stage;
  const height = viewRows(size);
  const count = torrent.tree.length;
  const cursor = clamp(ui.positions.files, 0, Math.max(0, count - 1));
  const first = windowAround(cursor, count, height);
  return h(FramedView, {
    stage,
    name: torrent.name,
    title: formatCount(torrent.tree.filter(({ kind }) => kind === 'file').length, 'file'),
    note: windowWords(first, height, count),
    head: progressHead(stage, torrent.snapshot),
    lines: fileRows(torrent, cursor, first, height, size.columns - 4),
  });
}
