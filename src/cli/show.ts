/**
 * Owns what `spate show` prints of a torrent or a magnet link: text for people, one object for programs.
 * Pure: reading the file and writing the output are up to the command.
 *
 * Files are numbered in torrent order without padding, from 1; `--select` takes the same numbers.
 */
import { formatHostPort } from '../base/endpoint.ts';
import { toHex } from '../base/text.ts';
import { formatMagnet, type MagnetLink, magnetOf } from '../protocol/metainfo/magnet.ts';
import type { Metainfo, MetainfoFile } from '../protocol/metainfo/metainfo.ts';
import { renderFileTree } from './file-tree-text.ts';
import { formatBytes } from './format.ts';
import { printable } from './terminal-text.ts';

export type FileAttribute = 'padding' | 'symlink' | 'executable' | 'hidden';

/** What `spate show --json` prints; null or empty where absent. */
export interface ShowJson {
  readonly name: string | null;
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  readonly magnet: string;
  readonly pieceLength: number | null;
  readonly pieceCount: number | null;
  /** Bytes without padding. */
  readonly totalLength: number | null;
  readonly files: readonly ShowFile[];
  readonly trackers: readonly (readonly string[])[];
  readonly webSeeds: readonly string[];
  /** `HOST:PORT`, IPv6 in brackets. */
  readonly nodes: readonly string[];
  /** `HOST:PORT`, IPv6 in brackets. */
  readonly peers: readonly string[];
  readonly private: boolean | null;
  readonly comment: string | null;
  readonly createdBy: string | null;
  /** ISO 8601. */
  readonly createdAt: string | null;
}

export interface ShowFile {
  /** As it will lie on disk, without the torrent's top folder. */
  readonly path: string;
  readonly length: number;
  readonly piecesRoot: string | null;
  readonly attributes: readonly FileAttribute[];
}

/**
 * For each file of the torrent, in torrent order, the number that people see; null for padding, which they do
 * not.
 */
export function fileNumbers(metainfo: Metainfo): (number | null)[] {
  let count = 0;
  return metainfo.files.map((file) => (file.isPadding ? null : ++count));
}

/** The path of one of the torrent's files without its top folder; for a single file its name. */
export function pathInTorrent(metainfo: Metainfo, file: MetainfoFile): string {
  return metainfo.isSingleFile ? file.path : file.path.slice(metainfo.name.length + 1);
}

/** The object that `--json` prints. */
export function showJson(subject: Metainfo | MagnetLink): ShowJson {
  return isMetainfo(subject) ? metainfoJson(subject) : magnetJson(subject);
}

/** The text for people, some lines, each ended by a line feed. */
export function renderShow(subject: Metainfo | MagnetLink): string {
  const json = showJson(subject);
  const lines: string[] = [];
  const add = (label: string, value: string | null): void => {
    if (value !== null) lines.push(`${`${label}:`.padEnd(14)} ${printable(value)}`);
  };
  add('Name', json.name ?? 'unknown until peers tell');
  add('Info hash v1', json.infoHashV1);
  add('Info hash v2', json.infoHashV2);
  if (json.totalLength !== null) add('Size', `${formatBytes(json.totalLength)} (${json.totalLength} bytes)`);
  if (json.pieceLength !== null)
    add('Pieces', `${json.pieceCount} of ${formatPieceLength(json.pieceLength)}`);
  if (json.private === true) add('Private', 'yes: peers only from its trackers');
  add('Comment', json.comment);
  add('Created by', json.createdBy);
  add('Created', json.createdAt);
  json.trackers.forEach((tier, index) => {
    for (const url of tier) add(`Tracker ${index + 1}`, url);
  });
  for (const url of json.webSeeds) add('Web seed', url);
  for (const node of json.nodes) add('Node', node);
  for (const peer of json.peers) add('Peer', peer);
  if (!isMetainfo(subject)) addSelection(subject, add);
  add('Magnet', json.magnet);
  if (isMetainfo(subject)) lines.push('', ...renderFileTree(subject, fileNumbers(subject)));
  return `${lines.join('\n')}\n`;
}

function addSelection(link: MagnetLink, add: (label: string, value: string) => void): void {
  if (link.selectedFiles === null) return;
  // Links count from 0 (BEP 53) and include padding, so these are not the numbers of `--select`.
  const ranges = link.selectedFiles.map(({ first, last }) =>
    first === last ? `${first}` : `${first}-${last}`,
  );
  add('Selects', `files ${ranges.join(', ')} (counted from 0)`);
}

function isMetainfo(subject: Metainfo | MagnetLink): subject is Metainfo {
  return 'infoDictionary' in subject;
}

function metainfoJson(metainfo: Metainfo): ShowJson {
  return {
    name: metainfo.name,
    infoHashV1: hexOrNull(metainfo.infoHashV1),
    infoHashV2: hexOrNull(metainfo.infoHashV2),
    magnet: formatMagnet(magnetOf(metainfo)),
    pieceLength: metainfo.pieceLength,
    pieceCount: metainfo.pieceCount,
    totalLength: metainfo.totalLength,
    files: metainfo.files.map((file) => ({
      path: pathInTorrent(metainfo, file),
      length: file.length,
      piecesRoot: hexOrNull(file.piecesRoot),
      attributes: attributesOf(file),
    })),
    trackers: metainfo.trackers,
    webSeeds: metainfo.webSeeds,
    nodes: metainfo.nodes.map((node) => formatHostPort(node.host, node.port)),
    peers: [],
    private: metainfo.isPrivate,
    comment: metainfo.comment,
    createdBy: metainfo.createdBy,
    createdAt: isoTime(metainfo.createdAt),
  };
}

function magnetJson(link: MagnetLink): ShowJson {
  return {
    name: link.name,
    infoHashV1: hexOrNull(link.infoHashV1),
    infoHashV2: hexOrNull(link.infoHashV2),
    magnet: formatMagnet(link),
    pieceLength: null,
    pieceCount: null,
    totalLength: null,
    files: [],
    trackers: link.trackers.map((url) => [url]),
    webSeeds: link.webSeeds,
    nodes: [],
    peers: link.peers.map((peer) => formatHostPort(peer.host, peer.port)),
    private: null,
    comment: null,
    createdBy: null,
    createdAt: null,
  };
}

function attributesOf(file: MetainfoFile): FileAttribute[] {
  const attributes: FileAttribute[] = [];
  if (file.isPadding) attributes.push('padding');
  if (file.symlinkTarget !== null) attributes.push('symlink');
  if (file.isExecutable) attributes.push('executable');
  if (file.isHidden) attributes.push('hidden');
  return attributes;
}

/** Piece lengths are powers of two, which decimal units make unrecognisable. */
export function formatPieceLength(bytes: number): string {
  if (bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20} MiB`;
  return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} B`;
}

function hexOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : toHex(bytes);
}

/** Null also for a time that no calendar has: the field is any integer that the torrent likes. */
function isoTime(seconds: number | null): string | null {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
