/**
 * Owns the opening view of a torrent: its tracker, its progress, who it exchanges data with, the rate of the last minutes
 * and its pieces.
 */
import { Box } from 'ink';
import { createElement as h, type ReactElement } from 'react';
import { type OverviewLayout, overviewLayout } from '../lines/layout.ts';
import { Charts } from './charts.ts';
import { Footer } from './footer.ts';
import { OverviewHead } from './overview-head.ts';
import { OverviewPeers } from './overview-peers.ts';
import type { TorrentViewProps } from './stage.ts';

/** The props of a part of the overview. */
export interface OverviewPartProps extends TorrentViewProps {
  readonly layout: OverviewLayout;
}

export function Overview({ stage, torrent }: TorrentViewProps): ReactElement {
  const layout = overviewLayout(stage.size);
  const part = { stage, torrent, layout };
  return h(
    Box,
    { flexDirection: 'column' },
    h(OverviewHead, part),
    h(OverviewPeers, part),
    h(Charts, part),
    h(Footer, { stage }),
  );
}
