/** Owns the view of all peers of a torrent, with every column that fits. */
import { createElement as h, type ReactElement } from 'react';
import { formatCount } from '../../cli/format.ts';
import { viewRows } from '../lines/layout.ts';
import { peerTable } from '../lines/peer-rows.ts';
import { DIM, span } from '../text/line.ts';
import { clamp, windowWords } from '../text/window.ts';
import { FramedView, progressHead } from './framed-view.ts';
import type { TorrentViewProps } from './stage.ts';

export function PeersView({ stage, torrent }: TorrentViewProps): ReactElement {
  const { ui, size } = stage;
  const peers = torrent.details?.peers ?? [];
  const height = Math.max(1, viewRows(size) - 1);
  const first = clamp(ui.positions.peers, 0, Math.max(0, peers.length - height));
  const { head, lines } = peerTable(peers, ui.peerOrder, first, height, size.columns - 4);
  const shown = windowWords(first, height, peers.length);
  return h(FramedView, {
    stage,
    name: torrent.name,
    title: formatCount(peers.length, 'peer'),
    note: `${shown === '' ? '' : `${shown}, `}by ${ui.peerOrder}`,
    head: progressHead(stage, torrent.snapshot),
    lines: peers.length === 0 ? [[span('Nobody is connected.', DIM)]] : [head, ...lines],
  });
}
