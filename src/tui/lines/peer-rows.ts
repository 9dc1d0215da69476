/**
 * Owns the peers as rows: the two columns of the overview, and the full table. Both are sorted, and their columns do not
 * move. Pure.
 */
import { formatBytes, formatRate } from '../../cli/format.ts';
import type { PeerSnapshot } from '../../client/index.ts';
import type { PeerOrder } from '../data/ui-state.ts';
import { BOLD, DIM, type Line, PLAIN, type Style, span } from '../text/line.ts';
import { headerLine, layOut, rowLine, type TableColumn } from '../text/table.ts';
import { peerFlags } from './peer-flags.ts';

const RATE_COLUMNS = 9;
const SIZE_COLUMNS = 7;
/** Address, flags and rate fit into half of 80 columns with it. */
const OVERVIEW_GAP = 1;
/** `255.255.255.255:65535`; an IPv6 address is cut unless there is more room. */
const ENDPOINT_COLUMNS = 21;

const ENDPOINT: TableColumn<PeerSnapshot> = {
  title: 'Address',
  width: ENDPOINT_COLUMNS,
  grows: 1,
  text: (peer) => peer.endpoint,
};
const CLIENT: TableColumn<PeerSnapshot> = {
  title: 'Client',
  width: 8,
  // A name that is cut says little; an address needs more only where it is IPv6.
  grows: 6,
  dropOrder: 2,
  text: (peer) => peer.client,
  style: () => DIM,
};
const FLAGS: TableColumn<PeerSnapshot> = {
  title: 'Flags',
  width: 4,
  dropOrder: 1,
  text: peerFlags,
  style: (peer) => (peer.isSnubbed ? { color: 'red' } : DIM),
};
const DOWN_RATE: TableColumn<PeerSnapshot> = {
  title: '↓ Rate',
  width: RATE_COLUMNS,
  align: 'right',
  text: (peer) => rateOrNothing(peer.downloadRate),
  style: (peer) => rateStyle(peer.downloadRate, 'green'),
};
const UP_RATE: TableColumn<PeerSnapshot> = {
  title: '↑ Rate',
  width: RATE_COLUMNS,
  align: 'right',
  text: (peer) => rateOrNothing(peer.uploadRate),
  style: (peer) => rateStyle(peer.uploadRate, 'blue'),
};

const DOWNLOAD_COLUMNS: readonly TableColumn<PeerSnapshot>[] = [ENDPOINT, CLIENT, FLAGS, DOWN_RATE];
const UPLOAD_COLUMNS: readonly TableColumn<PeerSnapshot>[] = [ENDPOINT, CLIENT, FLAGS, UP_RATE];

const ALL_COLUMNS: readonly TableColumn<PeerSnapshot>[] = [
  { ...ENDPOINT, grows: 1 },
  { ...CLIENT, width: 14, grows: 1, dropOrder: 1 },
  { ...FLAGS, width: 5, dropOrder: 2 },
  {
    title: 'Has',
    width: 6,
    align: 'right',
    dropOrder: 3,
    text: (peer) => `${Math.floor(peer.progress * 100)}%`,
  },
  DOWN_RATE,
  { ...UP_RATE, dropOrder: 4 },
  {
    title: '↓ Total',
    width: SIZE_COLUMNS,
    align: 'right',
    dropOrder: 5,
    text: (peer) => sizeOrNothing(peer.downloadedBytes),
  },
  {
    title: '↑ Total',
    width: SIZE_COLUMNS,
    align: 'right',
    dropOrder: 6,
    text: (peer) => sizeOrNothing(peer.uploadedBytes),
  },
  {
    title: 'Asked',
    width: 5,
    align: 'right',
    dropOrder: 7,
    text: (peer) => String(peer.requestQueueLength),
    style: () => DIM,
  },
  { title: 'From', width: 8, dropOrder: 8, text: (peer) => peer.source, style: () => DIM },
];

/** Peers that send us data, could, or may be made to: everybody but those that only take. Fastest first. */
export function downloadPeers(peers: readonly PeerSnapshot[]): PeerSnapshot[] {
  return sorted(peers, (a, b) => b.downloadRate - a.downloadRate);
}

/** Peers that get data from us, or want it. Fastest first. */
export function uploadPeers(peers: readonly PeerSnapshot[]): PeerSnapshot[] {
  const takers = peers.filter((peer) => peer.uploadRate > 0 || (peer.peerInterested && !peer.amChoking));
  return sorted(takers, (a, b) => b.uploadRate - a.uploadRate);
}

/** At most `rows` lines of the overview; when there are more peers, the last line counts them. */
export function peerColumn(
  peers: readonly PeerSnapshot[],
  direction: 'download' | 'upload',
  columns: number,
  rows: number,
): Line[] {
  const laidOut = layOut(direction === 'download' ? DOWNLOAD_COLUMNS : UPLOAD_COLUMNS, columns, OVERVIEW_GAP);
  const isAll = peers.length <= rows;
  const shown = isAll ? peers : peers.slice(0, Math.max(0, rows - 1));
  const lines = shown.map((peer) => rowLine(laidOut, peer));
  if (!isAll) lines.push([span(`and ${peers.length - shown.length} more`, DIM)]);
  return lines;
}

/** The head of the full table, and the lines of the peers `first` to `first + rows`. */
export function peerTable(
  peers: readonly PeerSnapshot[],
  order: PeerOrder,
  first: number,
  rows: number,
  columns: number,
): { readonly head: Line; readonly lines: Line[] } {
  const laidOut = layOut(ALL_COLUMNS, columns);
  const shown = sorted(peers, ORDERS[order]).slice(first, first + rows);
  return { head: headerLine(laidOut), lines: shown.map((peer) => rowLine(laidOut, peer)) };
}

const ORDERS: Readonly<Record<PeerOrder, (a: PeerSnapshot, b: PeerSnapshot) => number>> = {
  rate: (a, b) => b.downloadRate + b.uploadRate - (a.downloadRate + a.uploadRate),
  progress: (a, b) => b.progress - a.progress,
  endpoint: (a, b) => compareText(a.endpoint, b.endpoint),
  client: (a, b) => compareText(a.client, b.client),
};

/** Ties by endpoint, so that rows do not change places for nothing. */
function sorted(
  peers: readonly PeerSnapshot[],
  order: (a: PeerSnapshot, b: PeerSnapshot) => number,
): PeerSnapshot[] {
  return [...peers].sort((a, b) => order(a, b) || compareText(a.endpoint, b.endpoint));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function rateOrNothing(rate: number): string {
  return rate > 0 ? formatRate(rate) : '–';
}

function sizeOrNothing(bytes: number): string {
  return bytes > 0 ? formatBytes(bytes) : '–';
}

function rateStyle(rate: number, color: 'green' | 'blue'): Style {
  return rate > 0 ? { ...BOLD, color } : rate === 0 ? DIM : PLAIN;
}
