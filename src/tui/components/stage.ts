/** Owns what every component is given: what is known, where the person is, and how large the screen is. */
import type { SessionModel } from '../data/session-model.ts';
import type { Abilities } from '../data/steering.ts';
import type { TorrentModel } from '../data/torrent-model.ts';
import type { UiState } from '../data/ui-state.ts';
import type { ScreenSize } from '../lines/layout.ts';
import type { Sheet } from '../terminal/sheet.ts';

export interface Stage {
  readonly session: SessionModel;
  readonly ui: UiState;
  readonly abilities: Abilities;
  readonly size: ScreenSize;
  /** Where painted lines are while Ink lays them out. */
  readonly sheet: Sheet;
  readonly hasColors: boolean;
  /** Keys can be read. */
  readonly hasKeys: boolean;
}

/** The props of a view of one torrent. */
export interface TorrentViewProps {
  readonly stage: Stage;
  readonly torrent: TorrentModel;
}
