/**
 * Fuzzes the reading of magnet links: damaged links give an `InputError` or a link that survives being
 * written and read again.
 */
import { assert } from '../../base/assert.ts';
import { InputError } from '../../base/input-error.ts';
import type { Random } from '../../base/random.ts';
import { formatMagnet, type MagnetLink, parseMagnet } from './magnet.ts';

const V1 = '0123456789abcdef0123456789abcdef01234567';
const PIECES = [
  `xt=urn:btih:${V1}`,
  `xt=urn:btih:${V1.toUpperCase()}`,
  'xt=urn:btih:AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH',
  `xt=urn:btmh:1220${V1}${V1.slice(0, 24)}`,
  'xt=urn:tree:tiger:x',
  'dn=a+name%20%C3%A9%ff%00',
  'tr=http%3A%2F%2Ft.example%2Fa%3Fk%3D1%262',
  'tr.1=udp%3A%2F%2Ft.example%3A80',
  'ws=https://s.example/',
  'x.pe=1.2.3.4:5',
  'x.pe=%5B2001:db8::1%5D:6',
  'x.pe=host.example:7',
  'so=0,2,4-6',
  'so=399999',
  'amp;dn=x',
  'foo',
  '=',
];
const NOISE = ['%', '&', '=', ':', '-', ',', '[', ']', '\0', '\ud800', '9', '/', '?', '#', ' ', '+'];

export function fuzz(random: Random, iterations: number): void {
  for (let i = 0; i < iterations; i++) check(randomLink(random));
}

function check(text: string): void {
  let link: MagnetLink;
  try {
    link = parseMagnet(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    assert(error.code === 'bad-magnet', error.code);
    return;
  }
  assert(link.infoHashV1 !== null || link.infoHashV2 !== null, 'a link has an info hash');
  const canonical = formatMagnet(link);
  assert(/^magnet:\?[!-~]+$/.test(canonical), 'a link is printable ASCII');
  const again = parseMagnet(canonical);
  assert(formatMagnet(again) === canonical, `${canonical} survives`);
  assert(JSON.stringify(again) === JSON.stringify(link), `${canonical} says the same`);
}

function randomLink(random: Random): string {
  const parameters = Array.from({ length: 1 + random.below(6) }, () => PIECES[random.below(PIECES.length)]!);
  let text = `magnet:?${parameters.join('&')}`;
  for (let left = random.below(4); left > 0; left--) {
    const at = random.below(text.length + 1);
    const noise = NOISE[random.below(NOISE.length)]!;
    text = text.slice(0, at) + noise + text.slice(at + random.below(2));
  }
  return text;
}
