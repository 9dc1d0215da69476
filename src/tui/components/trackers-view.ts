/** Owns the view of a torrent's trackers in their tiers. */
import { createElement as h, type ReactElement } from 'react';
import { formatCount } from '../../cli/format.ts';
import { viewRows } from '../lines/layout.ts';
import { trackerRows } from '../lines/tracker-rows.ts';
import { clamp, windowWords } from '../text/window.ts';
import { FramedView, progressHead } from './framed-view.ts';
import type { TorrentViewProps } from './stage.ts';

export function TrackersView({ stage, torrent }: TorrentViewProps): ReactElement {
  const { ui, size } = stage;
  const trackers = torrent.details?.trackers ?? [];
  const lines = trackerRows(trackers, size.columns - 4);
  const height = viewRows(size);
  const first = clamp(ui.positions.trackers, 0, Math.max(0, lines.length - height));
  return h(FramedView, {
    stage,
    name: torrent.name,
    title: formatCount(trackers.length, 'tracker'),
    note: windowWords(first, height, lines.length),
    head: progressHead(stage, torrent.snapshot),
    lines: lines.slice(first),
  });
}
