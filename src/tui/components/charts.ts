/** Owns the lower part of the overview: the graph of the rate and the map of the pieces, and the end of the frame. */
import { createElement as h, type ReactElement } from 'react';
import { formatDuration } from '../../cli/format.ts';
import { HISTORY_SECONDS } from '../data/rate-history.ts';
import type { TorrentModel } from '../data/torrent-model.ts';
import { pieceMap } from '../lines/piece-map.ts';
import { graphSpan, speedGraph } from '../lines/speed-graph.ts';
import { halfWidths, rows, rule, splitRow, splitRule, titleRule } from '../text/frame.ts';
import { BOLD, DIM, type Line, span } from '../text/line.ts';
import { Lines } from './lines.ts';
import type { OverviewPartProps } from './overview.ts';

export function Charts({ stage, torrent, layout }: OverviewPartProps): ReactElement {
  const { columns } = stage.size;
  const { chartRows, isSplit } = layout;
  if (chartRows === 0) {
    const bottom = isSplit
      ? splitRule(columns, 'bottom', [[], []], { above: true, below: false })
      : rule(columns, 'bottom');
    return h(Lines, { stage, lines: [bottom] });
  }
  const lines = isSplit ? sideBySide(torrent, columns, chartRows) : graphAlone(torrent, columns, chartRows);
  return h(Lines, { stage, lines });
}

function sideBySide(torrent: TorrentModel, columns: number, count: number): Line[] {
  const widths = halfWidths(columns);
  const graph = graphOf(torrent, widths.left, count);
  const map = pieceMap(torrent, widths.right, count);
  const titles: readonly [Line, Line] = [speedTitle(torrent, widths.left), piecesTitle(torrent)];
  return [
    splitRule(columns, 'middle', titles, { above: true, below: true }),
    ...Array.from({ length: count }, (_, index) => splitRow(columns, graph[index]!, map[index] ?? [])),
    splitRule(columns, 'bottom', [[], []], { above: true, below: false }),
  ];
}

function graphAlone(torrent: TorrentModel, columns: number, count: number): Line[] {
  const graph = graphOf(torrent, columns - 4, count);
  return [
    titleRule(columns, 'middle', speedTitle(torrent, columns - 4)),
    ...rows(columns, graph, count),
    rule(columns, 'bottom'),
  ];
}

function graphOf(torrent: TorrentModel, columns: number, count: number): Line[] {
  return speedGraph(ratesOf(torrent), columns, count, { color: isSeeding(torrent) ? 'blue' : 'green' });
}

function ratesOf(torrent: TorrentModel): readonly number[] {
  const rates = isSeeding(torrent) ? torrent.uploadRates : torrent.downloadRates;
  return rates.last(HISTORY_SECONDS);
}

function isSeeding(torrent: TorrentModel): boolean {
  return torrent.snapshot?.state === 'seeding';
}

function speedTitle(torrent: TorrentModel, columns: number): Line {
  const { bars, seconds } = graphSpan(columns, ratesOf(torrent).length);
  return [
    span(isSeeding(torrent) ? 'Upload rate' : 'Download rate', BOLD),
    span(`, last ${formatDuration(bars * seconds)}`, DIM),
  ];
}

function piecesTitle(torrent: TorrentModel): Line {
  const { snapshot, metainfo } = torrent;
  return [span('Pieces', BOLD), span(` ${snapshot?.verifiedPieces ?? 0} of ${metainfo.pieceCount}`, DIM)];
}
