/**
 * The library's entry, and the only door through which user interfaces come. Loading it is cheap: what is
 * heavy (workers, sockets, HTTP) is loaded by the call that needs it.
 */
export { InputError } from '../base/input-error.ts';
export type { Metainfo, MetainfoFile } from '../protocol/metainfo/metainfo.ts';
export type {
  AddTorrentOptions,
  Client,
  ClientEvent,
  ClientListener,
  ClientOptions,
  Diagnosis,
  PeerSnapshot,
  ProgressEvent,
  SeedOptions,
  TorrentDetails,
  TorrentSnapshot,
  TorrentState,
  TrackerSnapshot,
} from './api.ts';
export type {
  CheckedFile,
  CheckedFileState,
  CheckReport,
  CheckTorrentOptions,
  PieceRange,
} from './check-torrent.ts';
export { checkTorrent } from './check-torrent.ts';
export { ClientError } from './client-error.ts';
export { createClient } from './create-client.ts';
export type {
  CreatedTorrent,
  CreateTorrentOptions,
  HashProgress,
  TorrentFormat,
} from './create-torrent.ts';
export { createTorrent } from './create-torrent.ts';
export { type DemoSwarm, startDemoSwarm } from './demo.ts';
export { fetchTorrent, MAX_TORRENT_BYTES } from './fetch-torrent.ts';
export { parseTorrent } from './parse-torrent.ts';
export { stateFolder } from './state-folder.ts';
