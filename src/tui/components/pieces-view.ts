/** Owns the view of a torrent's pieces: the whole map and what its glyphs mean. */
import { createElement as h, type ReactElement } from 'react';
import { formatBytes, formatCount } from '../../cli/format.ts';
import { viewRows } from '../lines/layout.ts';
import { pieceLegend, pieceMap, piecesPerCell } from '../lines/piece-map.ts';
import { FramedView, progressHead } from './framed-view.ts';
import type { TorrentViewProps } from './stage.ts';

export function PiecesView({ stage, torrent }: TorrentViewProps): ReactElement {
  const { columns } = stage.size;
  const { pieceCount, pieceLength } = torrent.metainfo;
  const mapRows = Math.max(1, viewRows(stage.size) - 2);
  const each = piecesPerCell(pieceCount, columns - 4, mapRows);
  const verified = torrent.snapshot?.verifiedPieces ?? 0;
  const pieces = `${formatCount(pieceCount, 'piece')} of ${formatBytes(pieceLength)}`;
  return h(FramedView, {
    stage,
    name: torrent.name,
    title: `${pieces}, ${verified} verified`,
    note: each === 1 ? '' : `${each} a cell`,
    head: progressHead(stage, torrent.snapshot),
    lines: [...pieceMap(torrent, columns - 4, mapRows), [], pieceLegend(torrent)],
  });
}
