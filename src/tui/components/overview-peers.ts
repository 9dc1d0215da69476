/** Owns the peers of the overview: those that send at the left, those that get at the right, the fastest first. */
import { createElement as h, type ReactElement } from 'react';
import type { PeerSnapshot } from '../../client/index.ts';
import type { TorrentModel } from '../data/torrent-model.ts';
import { downloadPeers, peerColumn, uploadPeers } from '../lines/peer-rows.ts';
import { halfWidths, rows, splitRow, splitRule, titleRule } from '../text/frame.ts';
import { BOLD, DIM, type Line, span } from '../text/line.ts';
import { Lines } from './lines.ts';
import type { OverviewPartProps } from './overview.ts';

export function OverviewPeers({ stage, torrent, layout }: OverviewPartProps): ReactElement {
  const { columns } = stage.size;
  const peers = torrent.details?.peers ?? [];
  const download = downloadPeers(peers);
  const upload = uploadPeers(peers);
  const downTitle = downloadTitle(torrent, download);
  const lines = layout.isSplit
    ? splitLines(columns, layout.peerRows, download, upload, downTitle)
    : [
        titleRule(columns, 'middle', downTitle),
        ...rows(columns, fill(download, 'download', columns - 4, layout.peerRows), layout.peerRows),
      ];
  return h(Lines, { stage, lines });
}

function splitLines(
  columns: number,
  count: number,
  download: readonly PeerSnapshot[],
  upload: readonly PeerSnapshot[],
  downTitle: Line,
): Line[] {
  const widths = halfWidths(columns);
  const left = fill(download, 'download', widths.left, count);
  const right = fill(upload, 'upload', widths.right, count);
  const upTitle = titleOf('Uploading to', upload.length, upload);
  return [
    splitRule(columns, 'middle', [downTitle, upTitle], { above: false, below: true }),
    ...Array.from({ length: count }, (_, index) => splitRow(columns, left[index] ?? [], right[index] ?? [])),
  ];
}

/** Those that let us download, as the status counts them; a seed is just connected. */
function downloadTitle(torrent: TorrentModel, peers: readonly PeerSnapshot[]): Line {
  if (torrent.snapshot?.state === 'seeding') return titleOf('Connected to', peers.length, peers);
  const active = peers.filter((peer) => peer.amInterested && !peer.peerChoking).length;
  return titleOf('Downloading from', active, peers);
}

/** `Downloading from 3 of 12`: how many of those that are connected do it now. */
function titleOf(words: string, active: number, all: readonly PeerSnapshot[]): Line {
  const count = active === all.length ? `${active}` : `${active} of ${all.length}`;
  return [span(words, BOLD), span(all.length === 0 ? '' : ` ${count}`, DIM)];
}

function fill(
  peers: readonly PeerSnapshot[],
  direction: 'download' | 'upload',
  columns: number,
  count: number,
): Line[] {
  if (peers.length > 0) return peerColumn(peers, direction, columns, count);
  return [[span(direction === 'download' ? 'nobody is connected' : 'nobody yet', DIM)]];
}
