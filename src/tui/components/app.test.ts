/** Every view, drawn by the real components. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GeneratedBytes, generateFile, generateTree, makeContent } from '../../../test/support/content.ts';
import {
  ALL_ABILITIES,
  detailsOf,
  peerOf,
  type ShowOptions,
  sessionOf,
  show,
  showStyled,
  snapshotOf,
  trackerOf,
} from '../../../test/tui/support/show.ts';
import { textWidth } from '../../cli/terminal-text.ts';
import type { SessionModel } from '../data/session-model.ts';
import type { ViewName } from '../data/ui-state.ts';
import { toAscii } from '../text/ascii.ts';

const KIB = 1024;
const DEBIAN = generateFile('debian-13.iso', 2_000_000, 16 * KIB);
const WIDE = makeContent({
  name: '日本の夏 🎆 — Ünïcødé\u202e❤\ufe0f',
  pieceLength: 16 * KIB,
  source: new GeneratedBytes('wide'),
  files: [
    { path: '花火 🎇/一番.mkv', length: 100_000 },
    { path: '花火 🎇/e\u0301 combining.txt', length: 0 },
  ],
});
const VIEWS: readonly ViewName[] = ['overview', 'peers', 'files', 'trackers', 'pieces', 'log', 'help'];

function debian(): SessionModel {
  const session = sessionOf(DEBIAN);
  session.torrents[0]!.onDetails(
    detailsOf(DEBIAN, {
      peers: [
        peerOf({ endpoint: '192.168.0.2:34553', downloadRate: 10_000 }),
        peerOf({ endpoint: '192.168.0.3:5677', downloadRate: 1_100_000, client: 'Transmission 4.0.5' }),
        peerOf({
          endpoint: '[2001:db8::1]:6881',
          downloadRate: 0,
          uploadRate: 50_000,
          peerInterested: true,
          amChoking: false,
          peerChoking: true,
        }),
      ],
    }),
  );
  return session;
}

const screen = (session: SessionModel, options: ShowOptions = {}): string =>
  show(session, options).join('\n');

test('the overview shows what the sketch of it shows', () => {
  const rows = show(debian(), { columns: 100, rows: 30 });
  const text = rows.join('\n');
  assert.match(rows[0]!, /^╭─ debian-13\.iso ─+╮$/);
  assert.match(rows[1]!, /^│ http:\/\/bttracker\.debian\.org:6969\/announce +OK \(1 min ago\) │$/);
  assert.match(rows[3]!, /^│ █+.?░+ +50\.0% │|^│ █+.?░+ +49\.\d% │/);
  assert.match(rows[4]!, /999 kB of 2\.00 MB {3}↓ 1\.10 MB\/s {3}↑ 20\.0 kB\/s {3}2 min left/);
  assert.match(rows[5]!, /● downloading from 2 peers/);
  assert.match(text, /Downloading from 2 of 3 .* Uploading to 1 /);
  const [first, second] = rows.filter((row) => row.includes('192.168.0.'));
  assert.match(first!, /192\.168\.0\.3:5677 .*D +1\.10 MB\/s │ \[2001:db8::1\]:6881 .* dU? +50\.0 kB\/s/);
  assert.match(second!, /192\.168\.0\.2:34553 .* 10\.0 kB\/s/);
  assert.match(text, /Download rate/);
  assert.match(text, /Pieces 61 of 123/);
  assert.match(rows.at(-1)!, /p peers .* \? help +q quit/);
});

test('every view fills exactly the screen at every size, whatever the names are made of', () => {
  const sizes = [
    [40, 10],
    [41, 11],
    [60, 16],
    [79, 24],
    [80, 24],
    [100, 30],
    [133, 43],
    [300, 100],
  ] as const;
  for (const content of [DEBIAN, WIDE]) {
    const session = sessionOf(content);
    const peers = Array.from({ length: 60 }, (_, i) =>
      peerOf({ endpoint: `10.0.${i}.1:6881`, client: '客户端 🐧' }),
    );
    session.torrents[0]!.onDetails(detailsOf(content, { peers }));
    for (const [columns, rows] of sizes) {
      for (const view of VIEWS) {
        const shown = show(session, { columns, rows, ui: { view }, abilities: ALL_ABILITIES });
        const where = `${view} at ${columns} × ${rows}:\n${shown.join('\n')}`;
        assert.equal(shown.length, rows, where);
        for (const row of shown) assert.equal(textWidth(row.trimEnd()) <= columns, true, where);
        for (const row of shown.slice(0, -1)) assert.equal(textWidth(row), columns, where);
        for (const row of shown) assert.equal(textWidth(toAscii(row)), textWidth(row), where);
        for (const row of shown) assert.match(toAscii(row), /^[ -~]*$/);
      }
    }
  }
});

test('a screen too small for frames shows the numbers', () => {
  const rows = show(debian(), { columns: 30, rows: 4 });
  assert.match(rows[0]!, /49\.\d%/);
  assert.match(rows[1]!, /1\.10 MB\/s/);
  assert.match(rows[2]!, /downloading from 2 peers/);
  assert.equal(show(debian(), { columns: 10, rows: 1 }).length, 1);
});

test('columns do not move when numbers change', () => {
  const place = (rate: number, eta: number | null): number[] => {
    const session = debian();
    const torrent = snapshotOf(DEBIAN, { downloadRate: rate, etaSeconds: eta, uploadRate: rate * 3 });
    session.torrents[0]!.onDetails(detailsOf(DEBIAN, { torrent }));
    const row = show(session)[4]!;
    return [row.indexOf('↓'), row.indexOf('↑'), row.length];
  };
  const places = [place(0, null), place(999, 3), place(99_950, 86_400), place(1.5e9, 1e9)];
  for (const other of places) assert.deepEqual(other, places[0]);
});

test('the status says why nothing comes, in the words of the engine', () => {
  const session = debian();
  const diagnosis = {
    code: 'trackers-failed',
    sentence: 'no peers: tracker http://t/announce failed (refused)',
  };
  const torrent = snapshotOf(DEBIAN, { diagnosis, downloadRate: 0, etaSeconds: null, connectedPeers: 0 });
  const trackers = [trackerOf({ status: 'failed', message: 'connection refused', lastAnswerAgeMs: null })];
  session.torrents[0]!.onDetails(detailsOf(DEBIAN, { torrent, peers: [], trackers }));
  const text = screen(session);
  assert.match(text, /● no peers: tracker http:\/\/t\/announce failed \(refused\)/);
  assert.match(text, /failed: connection refused/);
  assert.match(text, /nobody is connected/);
});

test('more peers than rows are counted', () => {
  const session = debian();
  const peers = Array.from({ length: 40 }, (_, i) =>
    peerOf({ endpoint: `10.0.0.${i}:1`, downloadRate: i * 1000 }),
  );
  session.torrents[0]!.onDetails(detailsOf(DEBIAN, { peers }));
  const text = screen(session, { rows: 24 });
  assert.match(text, /10\.0\.0\.39:1 /);
  assert.match(text, /and 3\d more/);
});

test('a download that seeds on shows its upload', () => {
  const session = debian();
  const diagnosis = { code: 'seeding', sentence: 'seeding to 1 of 2 interested peers' };
  const torrent = snapshotOf(DEBIAN, { state: 'seeding', diagnosis, verifiedPieces: 123, downloadRate: 0 });
  session.torrents[0]!.onDetails(detailsOf(DEBIAN, { torrent }));
  const text = screen(session);
  assert.match(text, /100%/);
  assert.match(text, /seeding to 1 of 2 interested peers/);
  assert.match(text, /Upload rate/);
});

test('the goodbye shows who has been told', () => {
  const session = debian();
  const torrent = session.torrents[0]!;
  const tracker = {
    event: 'tracker',
    time: '2024-01-01T00:00:00.000Z',
    infoHash: DEBIAN.infoHashHex,
    ok: true,
    message: '',
    peers: 1,
    seeds: null,
    leeches: null,
    intervalSeconds: 1800,
  } as const;
  for (const url of ['http://a/', 'http://b/']) session.onEvent({ ...tracker, url, announce: 'started' });
  session.isClosing = true;
  session.notice = 'stopping; press Ctrl+C again to exit at once';
  assert.match(screen(session), /saying goodbye: 0 of 2 trackers answered/);
  session.onEvent({ ...tracker, url: 'http://b/', announce: 'stopped' });
  const text = screen(session);
  assert.match(text, /saying goodbye: 1 of 2 trackers answered/);
  assert.match(text, /press Ctrl\+C again/);
  session.onEvent({
    event: 'stopped',
    time: tracker.time,
    infoHash: torrent.infoHash,
    downloadedBytes: 0,
    uploadedBytes: 0,
    verifiedBytes: 0,
    wantedBytes: 1,
    trackersToldStopped: 1,
    trackersNotTold: 1,
  });
  assert.match(screen(session), /stopped; everything is written/);
});

test('the peers have all columns where there is room, and can be sorted', () => {
  const session = debian();
  const byRate = show(session, { columns: 140, ui: { view: 'peers' } });
  assert.match(
    byRate[3]!,
    /Address .*Client .*Flags .*Has .*↓ Rate .*↑ Rate .*↓ Total .*↑ Total .*Asked .*From/,
  );
  assert.match(byRate[4]!, /192\.168\.0\.3:5677 +Transmission 4\.0\.5 +D +100% +1\.10 MB\/s/);
  const byClient = show(session, { columns: 140, ui: { view: 'peers', peerOrder: 'client' } });
  assert.match(byClient[4]!, /Transmission|qBittorrent/);
  assert.match(byClient[6]!, /qBittorrent/);
  assert.match(byClient[2]!, /by client/);
});

test('the files are a tree with their progress, and what is not wanted says so', () => {
  const content = generateTree('tree', 12, 4 * KIB);
  const session = sessionOf(content);
  const torrent = session.torrents[0]!;
  torrent.onDetails(detailsOf(content));
  torrent.setPriority(11, 0);
  const rows = show(session, { ui: { view: 'files' } });
  const text = rows.join('\n');
  assert.match(text, /▸ tree\/ .*\n.*▸ folder 0\/ .*\n.*■ file-0\.bin .*100% /);
  assert.match(text, /▸ folder 1\/.*\n.*■ file-10\.bin .*\n.*□ file-11\.bin .* not wanted/);
  assert.match(text, /12 files/);
});

test('the trackers are listed by tier, with what they said and when they are asked next', () => {
  const session = debian();
  const trackers = [
    trackerOf({ message: 'please upgrade' }),
    trackerOf({
      url: 'udp://b:1/',
      tier: 1,
      status: 'failed',
      message: 'timed out',
      peers: null,
      seeds: null,
      leeches: null,
    }),
  ];
  session.torrents[0]!.onDetails(detailsOf(DEBIAN, { trackers }));
  const text = screen(session, { ui: { view: 'trackers' } });
  assert.match(text, /1\. +http:\/\/bttracker.* OK \(1 min ago\)/);
  assert.match(text, /50 peers, 40 seeds, 10 leeches +it says: please upgrade .*next announce in 14 min/);
  assert.match(text, /2\. +udp:\/\/b:1\/ .*failed: timed out/);
  session.torrents[0]!.onDetails(detailsOf(DEBIAN, { trackers: [] }));
  assert.match(screen(session, { ui: { view: 'trackers' } }), /has no tracker/);
});

test('the pieces show what is verified, and what nobody has where the client tells', () => {
  const content = generateFile('few', 10 * 16 * KIB, 16 * KIB);
  const session = sessionOf(content);
  session.torrents[0]!.onDetails(detailsOf(content));
  assert.match(screen(session, { ui: { view: 'pieces' } }), /│ █████····· +│/);
  const availability = new Uint8Array([9, 9, 9, 9, 9, 0, 1, 2, 9, 9]);
  session.torrents[0]!.onDetails(detailsOf(content, { availability }));
  const text = screen(session, { ui: { view: 'pieces' } });
  assert.match(text, /│ █████×○··· +│/);
  assert.match(text, /no peer has it/);
});

test('the log shows the newest at its end', () => {
  const session = debian();
  for (let i = 0; i < 100; i++) {
    session.onEvent({
      event: 'peer-connected',
      time: '2024-01-01T00:00:00.000Z',
      infoHash: DEBIAN.infoHashHex,
      peer: `10.0.0.${i}:1`,
      client: 'x',
      source: 'tracker',
    });
  }
  assert.match(screen(session, { ui: { view: 'log' } }), /connected to 10\.0\.0\.99:1/);
  const positions = { overview: 0, peers: 0, files: 0, trackers: 0, pieces: 0, log: 40, help: 0 };
  const back = screen(session, { ui: { view: 'log', positions } });
  assert.doesNotMatch(back, /10\.0\.0\.99:1/);
  assert.match(back, /40 newer below/);
  assert.match(back, /connected to 10\.0\.0\.59:1/);
});

test('help and footer name only keys that do something', () => {
  const help = (abilities?: typeof ALL_ABILITIES): string =>
    screen(debian(), { rows: 60, ui: { view: 'help' }, ...(abilities === undefined ? {} : { abilities }) });
  assert.doesNotMatch(help(), /pause|limit the download|ask the trackers/);
  assert.match(help(ALL_ABILITIES), /pause or resume/);
  assert.doesNotMatch(screen(debian()), /Space|limits/);
  assert.match(screen(debian(), { columns: 140, abilities: ALL_ABILITIES }), /Space pause .*d u limits/);
  assert.match(screen(debian(), { hasKeys: false }), /Ctrl\+C stops; other keys need a terminal/);
});

test('several torrents are a list first', () => {
  const session = sessionOf(DEBIAN, WIDE);
  session.torrents[0]!.onDetails(detailsOf(DEBIAN));
  const rows = show(session, { columns: 120 });
  const text = rows.join('\n');
  assert.match(text, /2 torrents/);
  assert.match(text, /● debian-13\.iso .* 1\.10 MB\/s .*2 min left/);
  assert.match(text, /● 日本の夏 .* starting/);
  assert.match(rows.at(-3)!, /downloading from 2 peers/);
  assert.match(screen(session, { ui: { isList: false, torrent: 0 } }), /1 of 2/);
});

test('a limit is asked for in the last line', () => {
  const prompt = { limit: 'maxDownRate', text: '2.5', complaint: null } as const;
  assert.match(screen(debian(), { ui: { prompt } }), /Limit the download to 2\.5 {2}/);
  const wrong = { ...prompt, complaint: 'not a rate like 500k or 2.5M' };
  assert.match(screen(debian(), { ui: { prompt: wrong } }), /not a rate/);
});

test('without colours there are weights only', () => {
  const colored = showStyled(debian(), {}, true).join('\n');
  const plain = showStyled(debian(), {}, false).join('\n');
  const csi = '\u001b';
  assert.match(colored.replaceAll(csi, 'ESC'), /ESC\[(?:\d;)*3\dm/);
  assert.doesNotMatch(plain.replaceAll(csi, 'ESC'), /ESC\[(?:\d;)*3\dm/);
  assert.ok(plain.includes(`${csi}[1m`));
});
