/**
 * Owns the name of the other side's software, read from its peer id (BEP 20), for people.
 *
 * A peer id is whatever the peer wrote: the result is at most a known name and printable ASCII of those 20 bytes, and
 * nothing is decided by it.
 */

/** How the four characters behind the client code of an Azureus-style peer id spell the version. */
type VersionStyle =
  | 'digits' // 4530 is 4.5.3; letters continue the digits: 20A0 is 2.0.10
  | 'pairs' // 0211 is 2.11
  | 'transmission' // 4060 is 4.0.6, before that 2940 was 2.94
  | 'none';

/** Azureus style: two characters, then the version. */
const AZUREUS_CLIENTS: Readonly<Record<string, readonly [name: string, style: VersionStyle]>> = {
  '7T': ['aTorrent', 'digits'],
  AG: ['Ares', 'digits'],
  'A~': ['Ares', 'digits'],
  AZ: ['Vuze', 'digits'],
  BC: ['BitComet', 'pairs'],
  BE: ['BitTorrent SDK', 'digits'],
  BI: ['BiglyBT', 'digits'],
  BL: ['BitLord', 'digits'],
  BT: ['BitTorrent', 'digits'],
  BW: ['BitTorrent Web', 'digits'],
  CD: ['Enhanced CTorrent', 'pairs'],
  CT: ['CTorrent', 'digits'],
  DE: ['Deluge', 'digits'],
  ES: ['Electric Sheep', 'digits'],
  FD: ['Free Download Manager', 'digits'],
  FG: ['FlashGet', 'pairs'],
  FL: ['Folx', 'digits'],
  FW: ['FrostWire', 'digits'],
  FX: ['Freebox', 'digits'],
  GT: ['anacrolix/torrent', 'digits'],
  HL: ['Halite', 'digits'],
  KG: ['KGet', 'digits'],
  KT: ['KTorrent', 'digits'],
  LP: ['Lphant', 'pairs'],
  LT: ['libtorrent', 'digits'],
  lt: ['rTorrent (libTorrent)', 'digits'],
  LW: ['LimeWire', 'none'],
  MG: ['MediaGet', 'digits'],
  MO: ['MonoTorrent', 'digits'],
  PI: ['PicoTorrent', 'digits'],
  PT: ['Popcorn Time', 'digits'],
  qB: ['qBittorrent', 'digits'],
  QD: ['QQDownload', 'digits'],
  rQ: ['rqbit', 'digits'],
  'S~': ['Shareaza', 'digits'],
  SD: ['Xunlei', 'digits'],
  SE: ['Spate', 'digits'],
  SP: ['BitSpirit', 'digits'],
  SZ: ['Shareaza', 'digits'],
  TL: ['Tribler', 'digits'],
  TR: ['Transmission', 'transmission'],
  tT: ['tTorrent', 'digits'],
  TX: ['Tixati', 'digits'],
  UE: ['µTorrent Embedded', 'digits'],
  UM: ['µTorrent Mac', 'digits'],
  UT: ['µTorrent', 'digits'],
  UW: ['µTorrent Web', 'digits'],
  WD: ['WebTorrent Desktop', 'pairs'],
  WT: ['BitLet', 'digits'],
  WW: ['WebTorrent', 'pairs'],
  XF: ['Xfplay', 'digits'],
  XL: ['Xunlei', 'digits'],
  ZO: ['Zona', 'digits'],
  ZT: ['ZipTorrent', 'digits'],
};

/** Shadow style: one letter, up to five characters of version, padded with dashes. */
const SHADOW_CLIENTS: Readonly<Record<string, string>> = {
  A: 'ABC',
  O: 'Osprey Permaseed',
  Q: 'BTQueue',
  R: 'Tribler',
  S: 'Shadow',
  T: 'BitTornado',
  U: 'UPnP NAT BitTorrent',
};

/** Peer ids of a style of their own: what they begin with, and an expression whose groups are the version's parts. */
const SINGULAR_CLIENTS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['aria2', /^A2-(\d{1,2})-(\d{1,2})-(\d{1,2})-/],
  ['aria2', /^-?aria2-/],
  ['BitTorrent', /^M(\d{1,2})-(\d{1,2})-(\d{1,2})-/],
  ['Queen Bee', /^Q(\d{1,2})-(\d{1,2})-(\d{1,2})-/],
  ['Tixati', /^TIX(\d\d)(\d\d)-/],
  ['MLdonkey', /^-ML(\d+)\.(\d+)(?:\.(\d+))?/],
  ['XBT Client', /^XBT(\d)(\d)(\d)/],
  ['btpd', /^btpd/],
  ['BitLord', /^exbc..LORD/],
  ['BitComet', /^exbc/],
  ['BitComet', /^FUTB/],
  ['Opera', /^OP(\d{4})[0-9a-f]{14}/],
];

/** What an unrecognised and unreadable peer id is called. */
const UNKNOWN = 'unknown';
/** How much of an unrecognised peer id is shown: beyond this it is random by custom. */
const SHOWN_BYTES = 8;

/** Name, and version where the style tells, of the software that a 20-byte peer id stands for. Never fails. */
export function clientName(peerId: Uint8Array): string {
  const text = asciiOf(peerId);
  return azureusName(text) ?? singularName(text) ?? shadowName(text) ?? fallbackName(text);
}

function azureusName(text: string): string | null {
  const match = /^-([A-Za-z0-9~]{2})([A-Za-z0-9]{4})(?:-|[0-9A-Za-z])/.exec(text);
  if (match === null) return null;
  const code = match[1]!;
  const client = Object.hasOwn(AZUREUS_CLIENTS, code) ? AZUREUS_CLIENTS[code]! : null;
  // µTorrent puts a build number where others put the closing dash; from strangers the dash is required.
  if (client === null) return text[7] === '-' ? joined(code, digitsVersion(match[2]!)) : null;
  return joined(client[0], versionText(match[2]!, client[1]));
}

function versionText(version: string, style: VersionStyle): string {
  switch (style) {
    case 'digits':
      return digitsVersion(version);
    case 'pairs':
      return pairsVersion(version);
    case 'transmission':
      return transmissionVersion(version);
    case 'none':
      return '';
  }
}

/** The first three characters, and the fourth when it is a digit that says something (a letter there is a channel). */
function digitsVersion(version: string): string {
  const parts = [...version.slice(0, 3)].map(characterValue);
  if (/[1-9]/.test(version[3]!)) parts.push(Number(version[3]));
  return parts.join('.');
}

function pairsVersion(version: string): string {
  if (!/^\d{4}$/.test(version)) return digitsVersion(version);
  return `${Number(version.slice(0, 2))}.${version.slice(2)}`;
}

function transmissionVersion(version: string): string {
  if (!/^\d{3}/.test(version)) return digitsVersion(version);
  if (version[0]! >= '4') return `${version[0]}.${version[1]}.${version[2]}`;
  return version.startsWith('00') ? `0.${version.slice(2)}` : `${version[0]}.${version.slice(1, 3)}`;
}

/** 0-9 as they are, A-Z 10 to 35, a-z 36 to 61. */
function characterValue(character: string): number {
  const code = character.charCodeAt(0);
  if (code <= 0x39) return code - 0x30;
  return code <= 0x5a ? code - 0x41 + 10 : code - 0x61 + 36;
}

function singularName(text: string): string | null {
  for (const [name, pattern] of SINGULAR_CLIENTS) {
    const match = pattern.exec(text);
    if (match !== null) {
      const parts = match.slice(1).filter((part) => part !== undefined);
      return joined(name, parts.map(Number).join('.'));
    }
  }
  return null;
}

function shadowName(text: string): string | null {
  const match = /^([AOQRSTU])([0-9A-Za-z.]{1,5})-*---$/.exec(text.slice(0, 9));
  if (match === null) return null;
  return joined(SHADOW_CLIENTS[match[1]!]!, [...match[2]!.replaceAll('.', '')].map(characterValue).join('.'));
}

function fallbackName(text: string): string {
  const shown = text.slice(0, SHOWN_BYTES).replace(/[^!-~]/g, '');
  return shown === '' ? UNKNOWN : `${UNKNOWN} (${shown})`;
}

function joined(name: string, version: string): string {
  return version === '' ? name : `${name} ${version}`;
}

/** One character for each byte; those that are not printable ASCII become NUL, which no style and no output contains. */
function asciiOf(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    text += byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : '\0';
  }
  return text;
}
