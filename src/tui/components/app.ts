/** Owns which view fills the screen. A pure function of its props: what changes is handed in anew for each drawing. */
import { Box } from 'ink';
import { type FunctionComponent, createElement as h, type ReactElement } from 'react';
import type { ViewName } from '../data/ui-state.ts';
import { MIN_COLUMNS, MIN_ROWS } from '../lines/layout.ts';
import { FilesView } from './files-view.ts';
import { HelpView } from './help-view.ts';
import { Keyboard } from './keyboard.ts';
import { ListView } from './list-view.ts';
import { LogView } from './log-view.ts';
import { Overview } from './overview.ts';
import { PeersView } from './peers-view.ts';
import { PiecesView } from './pieces-view.ts';
import { SmallView } from './small-view.ts';
import type { Stage, TorrentViewProps } from './stage.ts';
import { TrackersView } from './trackers-view.ts';

export interface AppProps {
  readonly stage: Stage;
  readonly onKey: (key: string) => void;
}

const VIEWS: Readonly<Record<Exclude<ViewName, 'help'>, FunctionComponent<TorrentViewProps>>> = {
  overview: Overview,
  peers: PeersView,
  files: FilesView,
  trackers: TrackersView,
  pieces: PiecesView,
  log: LogView,
};

export function App({ stage, onKey }: AppProps): ReactElement {
  return h(
    Box,
    { height: stage.size.rows, flexDirection: 'column' },
    h(Keyboard, { isActive: stage.hasKeys, onKey }),
    viewOf(stage),
  );
}

function viewOf(stage: Stage): ReactElement | null {
  const { session, ui, size } = stage;
  const torrent = session.torrents[ui.torrent];
  if (torrent === undefined) return null;
  if (size.columns < MIN_COLUMNS || size.rows < MIN_ROWS) return h(SmallView, { stage, torrent });
  if (ui.view === 'help') return h(HelpView, { stage });
  return ui.isList ? h(ListView, { stage }) : h(VIEWS[ui.view], { stage, torrent });
}
