/**
 * Owns IP addresses and endpoints: one canonical text form for each address, so that text equality is address
 * equality, and the classes of address that policy needs.
 *
 * IPv4-mapped IPv6 addresses (`::ffff:1.2.3.4`) become IPv4. IPv6 text follows RFC 5952. Zone ids are refused.
 */

/** An IP address in canonical text form and a port. */
export interface Endpoint {
  readonly address: string;
  /** 1 to 65535; 0 where "any port" has a meaning. */
  readonly port: number;
}

/** `ADDRESS:PORT`, with brackets around IPv6. Also the key for tables of endpoints. */
export function formatEndpoint(endpoint: Endpoint): string {
  return formatHostPort(endpoint.address, endpoint.port);
}

/** `HOST:PORT`, with brackets around a host that contains a colon. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Splits `HOST:PORT` or `[IPV6]:PORT`; null when the form or the port (1 to 65535) is wrong. */
export function parseHostPort(text: string): { host: string; port: number } | null {
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const port = Number(match[3]);
  const host = match[1] ?? match[2]!;
  if (match[1] !== undefined && parseIPv6(match[1]) === null) return null;
  return port >= 1 && port <= 65535 ? { host, port } : null;
}

export function isIPv6(address: string): boolean {
  return address.includes(':');
}

/** The canonical text of an IPv4 or IPv6 address given as text, or null when it is none. */
export function canonicalAddress(text: string): string | null {
  const bytes = parseAddress(text);
  return bytes === null ? null : addressFromBytes(bytes, 0, bytes.length as 4 | 16);
}

/** The 4 or 16 bytes of an address in text form, or null when it is none. */
export function parseAddress(text: string): Uint8Array | null {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

/** Canonical text of the 4 or 16 bytes at `at` (network order, BEP 23 and BEP 7). */
export function addressFromBytes(bytes: Uint8Array, at: number, length: 4 | 16): string {
  if (length === 4) return ipv4Text(bytes, at);
  if (isMappedIPv4(bytes, at)) return ipv4Text(bytes, at + 12);
  return ipv6Text(bytes, at);
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** 169.254.0.0/16 or fe80::/10. */
export function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/.test(address);
}

/** Addresses that no peer can have: unspecified, "this network", multicast, broadcast. */
export function isUnusable(address: string): boolean {
  if (isIPv6(address)) return address === '::' || /^ff[0-9a-f]{2}:/.test(address);
  const first = Number(address.slice(0, address.indexOf('.')));
  return first === 0 || first >= 224;
}

function parseIPv4(text: string): Uint8Array | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const digits = match[i + 1]!;
    const value = Number(digits);
    // A leading zero means octal to some programs and decimal to others: refused, as it names no one address.
    if (value > 255 || (digits.length > 1 && digits.startsWith('0'))) return null;
    bytes[i] = value;
  }
  return bytes;
}

function parseIPv6(text: string): Uint8Array | null {
  let source = text;
  const lastColon = source.lastIndexOf(':');
  if (source.includes('.')) {
    const tail = parseIPv4(source.slice(lastColon + 1));
    if (tail === null) return null;
    const high = ((tail[0]! << 8) | tail[1]!).toString(16);
    const low = ((tail[2]! << 8) | tail[3]!).toString(16);
    source = `${source.slice(0, lastColon + 1)}${high}:${low}`;
  }
  const halves = source.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!);
  const tail = halves.length === 2 ? parseGroups(halves[1]!) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const bytes = new Uint8Array(16);
  writeGroups(bytes, 0, head);
  writeGroups(bytes, 16 - 2 * tail.length, tail);
  return bytes;
}

function parseGroups(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  for (const group of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
    groups.push(Number.parseInt(group, 16));
  }
  return groups;
}

function writeGroups(bytes: Uint8Array, at: number, groups: readonly number[]): void {
  for (let i = 0; i < groups.length; i++) {
    bytes[at + 2 * i] = groups[i]! >>> 8;
    bytes[at + 2 * i + 1] = groups[i]! & 0xff;
  }
}

function isMappedIPv4(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}

function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push((bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!);
  let bestStart = -1;
  let bestLength = 1; // a single zero group is not shortened (RFC 5952, 4.2.2)
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > bestLength) {
      bestStart = i;
      bestLength = end - i;
    }
    if (end > i) i = end;
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (bestStart < 0) return hex(groups);
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`;
}
