/** Owns how the rows of a screen are shared out among the parts of a view, from 40 × 10 to as large as they come. Pure. */
import type { SessionModel } from '../data/session-model.ts';
import type { Abilities } from '../data/steering.ts';
import type { UiState } from '../data/ui-state.ts';
import { clamp } from '../text/window.ts';
import { helpRows } from './help-rows.ts';
import { trackerRows } from './tracker-rows.ts';

/** Under this there is no room for frames: numbers alone are shown. */
export const MIN_COLUMNS = 40;
export const MIN_ROWS = 10;

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface OverviewLayout {
  /** A rule between tracker and progress. */
  readonly hasTrackerRule: boolean;
  readonly peerRows: number;
  /** 0: no graph and no map. */
  readonly chartRows: number;
  /** Two columns of peers, and graph and map side by side. */
  readonly isSplit: boolean;
}

/** Name, tracker, three lines of progress, the peers' rule, the bottom and the footer. */
const OVERVIEW_FIXED_ROWS = 8;
const MIN_PEER_ROWS = 2;
const MIN_CHART_ROWS = 3;
const MAX_CHART_ROWS = 24;
/** Two columns of address, flags and rate. */
const MIN_SPLIT_COLUMNS = 80;
/** Name, progress, rule, bottom, footer. */
const VIEW_FIXED_ROWS = 5;

export function overviewLayout({ columns, rows }: ScreenSize): OverviewLayout {
  let spare = rows - OVERVIEW_FIXED_ROWS - MIN_PEER_ROWS;
  const hasTrackerRule = spare >= 1;
  if (hasTrackerRule) spare--;
  const isSplit = columns >= MIN_SPLIT_COLUMNS;
  const hasCharts = spare > MIN_CHART_ROWS;
  const chartRows = hasCharts ? clamp(Math.floor(spare * 0.45), MIN_CHART_ROWS, MAX_CHART_ROWS) : 0;
  const peerRows = MIN_PEER_ROWS + spare - (hasCharts ? chartRows + 1 : 0);
  return { hasTrackerRule, peerRows, chartRows, isSplit };
}

/** Rows of the contents of every view but the overview. */
export function viewRows({ rows }: ScreenSize): number {
  return Math.max(0, rows - VIEW_FIXED_ROWS);
}

/** How many rows the present view has to show, and how many it shows at once: what moving depends on. */
export function scrollExtent(
  session: SessionModel,
  ui: UiState,
  abilities: Abilities,
  size: ScreenSize,
): { readonly rowCount: number; readonly pageRows: number } {
  const pageRows = Math.max(1, viewRows(size));
  const torrent = session.torrents[ui.torrent];
  if (ui.view === 'help') return { rowCount: helpRows(abilities, session.torrents.length).length, pageRows };
  if (ui.isList || torrent === undefined) return { rowCount: session.torrents.length, pageRows };
  switch (ui.view) {
    case 'peers':
      return { rowCount: torrent.details?.peers.length ?? 0, pageRows: Math.max(1, pageRows - 1) };
    case 'files':
      return { rowCount: torrent.tree.length, pageRows };
    case 'trackers':
      return { rowCount: trackerRows(torrent.details?.trackers ?? [], size.columns).length, pageRows };
    case 'log':
      return { rowCount: torrent.log.lines.length, pageRows };
    default:
      return { rowCount: 0, pageRows };
  }
}
