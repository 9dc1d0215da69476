/** Owns what a person's wish means for the client: which call, with what, and what to say when it was refused. */
import { ClientError, InputError } from '../client/index.ts';
import type { SessionModel } from './data/session-model.ts';
import type { Limits, Steering } from './data/steering.ts';
import type { TorrentModel } from './data/torrent-model.ts';
import type { UiState, Wish } from './data/ui-state.ts';
import { clamp } from './text/window.ts';

/** What can be wished of a client. */
export type SteeringWish = Exclude<Wish, { kind: 'quit' } | { kind: 'suspend' } | { kind: 'repaint' }>;

const NORMAL_PRIORITY = 4;
const MAX_PRIORITY = 7;

/** Does what is wished; null, or a sentence about why it could not be done. */
export async function fulfil(
  wish: SteeringWish,
  steering: Steering,
  session: SessionModel,
  ui: UiState,
): Promise<string | null> {
  try {
    await call(wish, steering, session, ui);
    return null;
  } catch (error) {
    if (error instanceof ClientError || error instanceof InputError) return error.message;
    throw error;
  }
}

async function call(
  wish: SteeringWish,
  steering: Steering,
  session: SessionModel,
  ui: UiState,
): Promise<void> {
  const torrent = session.torrents[ui.torrent]!;
  switch (wish.kind) {
    case 'toggle-pause':
      // The name of the state is the client's; one that cannot pause never has it.
      await ((torrent.snapshot?.state as string) === 'paused'
        ? steering.resume?.(torrent.infoHash)
        : steering.pause?.(torrent.infoHash));
      return;
    case 'announce':
      await steering.announceNow?.(torrent.infoHash);
      return;
    case 'limit':
      await setLimit(steering, session, wish.limit, wish.bytesPerSecond);
      return;
    case 'toggle-file':
      await setPriorities(steering, torrent, ui, (priority) => (priority === 0 ? NORMAL_PRIORITY : 0));
      return;
    case 'change-priority':
      await setPriorities(steering, torrent, ui, (priority) => clamp(priority + wish.by, 1, MAX_PRIORITY));
      return;
  }
}

/** Of all torrents together; the other direction keeps its limit. */
async function setLimit(
  steering: Steering,
  session: SessionModel,
  limit: keyof Limits,
  rate: number,
): Promise<void> {
  const limits = { ...session.limits, [limit]: rate };
  await steering.setLimits?.(null, limits);
  session.limits = limits;
}

/** Changes the chosen file, or every file of the chosen folder to what its first becomes. */
async function setPriorities(
  steering: Steering,
  torrent: TorrentModel,
  ui: UiState,
  change: (priority: number) => number,
): Promise<void> {
  const at = clamp(ui.positions.files, 0, torrent.tree.length - 1);
  const entry = torrent.tree[at];
  if (entry === undefined || steering.setFilePriority === undefined) return;
  const end = entry.kind === 'folder' ? at + entry.rowCount : at;
  const files = torrent.tree.slice(at, end + 1).filter((row) => row.kind === 'file');
  const priority = change(torrent.priority(files[0]?.file ?? 0));
  for (const { file } of files) {
    await steering.setFilePriority(torrent.infoHash, file, priority);
    torrent.setPriority(file, priority);
  }
}
