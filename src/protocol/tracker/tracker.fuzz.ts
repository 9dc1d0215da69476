/**
 * Fuzzes what trackers send: damaged HTTP answers and UDP packets never throw, and what is read from them keeps its
 * promises (usable distinct peers, numbers in range, one printable line of text).
 */
import { assert } from '../../base/assert.ts';
import { canonicalAddress, type Endpoint, formatEndpoint, isUnusable } from '../../base/endpoint.ts';
import type { Random } from '../../base/random.ts';
import { fromLatin1 } from '../../base/text.ts';
import { MAX_MESSAGE_LENGTH, MAX_PEERS_PER_ANSWER } from './announce.ts';
import { parseHttpAnswer } from './http-answer.ts';
import { maskSecretsOf, maskTrackerUrl } from './mask-url.ts';
import { decodeUdpAnswer } from './udp-packet.ts';

const HTTP_SEEDS = [
  'd8:completei3e10:incompletei4e8:intervali1800e12:min intervali900e5:peers12:\xc0\x00\x02\x01\x1a\xe1\x7f\x00\x00\x01\x00P6:peers618:\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09\x00Pe',
  'd8:intervali60e5:peersld2:ip9:192.0.2.14:porti80eed2:ip3:::17:peer id2:xx4:port2:81eee',
  'd14:failure reason4:nope8:retry in5:nevere',
  'd11:external ip4:\x01\x02\x03\x0410:tracker id2:ab15:warning message3:hey5:peers0:e',
];
const TELLING = [0x30, 0x39, 0x3a, 0x2d, 0x65, 0x69, 0x6c, 0x64, 0x00, 0xff, 0x1b];

export function fuzz(random: Random, iterations: number): void {
  for (let i = 0; i < iterations; i++) {
    fuzzHttp(random);
    fuzzUdp(random);
    fuzzUrl(random);
  }
}

function fuzzHttp(random: Random): void {
  const seed = HTTP_SEEDS[random.below(HTTP_SEEDS.length)]!;
  const result = parseHttpAnswer(damaged(latin1(seed), random));
  if (result.kind === 'malformed') checkText(result.reason);
  else if (result.kind === 'refusal') {
    checkText(result.refusal.reason);
    checkNumber(result.refusal.retryInSeconds);
  } else {
    const { answer } = result;
    checkPeers(answer.peers);
    for (const value of [answer.intervalSeconds, answer.minIntervalSeconds, answer.seeds, answer.leeches]) {
      checkNumber(value);
    }
    checkText(answer.warning ?? '');
    const own = answer.externalAddress;
    assert(own === null || canonicalAddress(own) === own, `external address ${own}`);
  }
}

function fuzzUdp(random: Random): void {
  const bytes = new Uint8Array(random.below(120));
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
  if (bytes.length >= 4) bytes.set([0, 0, 0, random.below(5)]);
  const answer = decodeUdpAnswer(bytes, random.below(2) === 0 ? 4 : 16);
  if (answer.kind === 'announce') checkPeers(answer.peers.peers);
  else if (answer.kind === 'connect') assert(answer.connectionId.length === 8, 'connection id');
  else checkText(answer.reason);
}

function fuzzUrl(random: Random): void {
  const secret = Array.from(
    { length: 12 + random.below(40) },
    () => 'abcdef0123456789%-_'[random.below(19)],
  ).join('');
  const place = ['/X/announce', '/announce?X', '/announce?passkey=X&a=1', '/a/b/X', '/?a=1;b=X'][
    random.below(5)
  ]!;
  const url = `http://tracker.example:${1 + random.below(65535)}${place.replace('X', secret)}`;
  assert(!maskTrackerUrl(url).includes(secret), `${url} shows its secret`);
  assert(!maskSecretsOf(url, `bad key ${secret}!`).includes(secret), `a message shows the secret of ${url}`);
  const noise = fromLatin1(damaged(latin1(url), random));
  maskSecretsOf(noise, maskTrackerUrl(noise));
}

function checkPeers(peers: readonly Endpoint[]): void {
  assert(peers.length <= MAX_PEERS_PER_ANSWER, `${peers.length} peers`);
  assert(new Set(peers.map(formatEndpoint)).size === peers.length, 'a peer twice');
  for (const { address, port } of peers) {
    assert(canonicalAddress(address) === address && !isUnusable(address), `address ${address}`);
    assert(Number.isInteger(port) && port >= 1 && port <= 65535, `port ${port}`);
  }
}

function checkNumber(value: number | null): void {
  assert(value === null || value >= 0, `number ${value}`);
}

function checkText(text: string): void {
  assert([...text].length <= MAX_MESSAGE_LENGTH && !/\p{Cc}/u.test(text), `text ${text}`);
}

function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice(0, random.below(4) === 0 ? random.below(bytes.length + 1) : bytes.length);
  for (let n = random.below(6); n > 0 && copy.length > 0; n--) {
    const value = random.below(2) === 0 ? TELLING[random.below(TELLING.length)]! : random.below(256);
    copy[random.below(copy.length)] = value;
  }
  return copy;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
