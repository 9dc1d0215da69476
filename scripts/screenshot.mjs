/**
 * `npm run screenshot`: makes docs/images/*.svg from a real run: a tracker, seeds of other clients and a leech on
 * loopback, the program in a real terminal (tmux). Needs Debian's tmux and python3-libtorrent; aria2 where it is there.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startAria2Seed } from '../test/support/aria2-peer.ts';
import { GeneratedBytes, makeContent } from '../test/support/content.ts';
import { freePort } from '../test/support/free-port.ts';
import { startLibtorrent } from '../test/support/libtorrent-peer.ts';
import { needs } from '../test/support/peers.ts';
import { poll } from '../test/support/processes.ts';
import { RecordingTracker } from '../test/support/recording-tracker.ts';
import { Scope } from '../test/support/scope.ts';
import { spateCommand } from '../test/support/spate.ts';
import { makeWorkspace } from '../test/support/workspace.ts';
import { openTmux } from '../test/tui/support/tmux-terminal.ts';
import { renderSvg } from './screenshot-svg.mjs';

const COLUMNS = 120;
const ROWS = 28;
const FOLDER = fileURLToPath(new URL('../docs/images', import.meta.url));
/** Bytes a second of each seed, changed every second or so: the graph of a line that is straight shows little. */
const SEED_RATES = [900_000, 640_000, 380_000, 150_000, 60_000];
/** The share at which the picture is taken. */
const SHARE = 62;

const scope = new Scope(null);
try {
  await main();
} finally {
  await scope.close();
}

async function main() {
  const content = nightSky();
  const tracker = await RecordingTracker.start(scope);
  const workspace = await makeWorkspace(scope, content, { tiers: [[tracker.url]], withData: true });
  const seeds = await startSeeds(workspace);
  tracker.reply = { peers: seeds.map(({ address, port }) => ({ address, port })) };
  const varying = vary(seeds);
  const port = await freePort();
  const command = [
    ...spateCommand(),
    ...['download', workspace.torrent, '-d', workspace.target, '--bind', '127.0.0.1', '--port', String(port)],
    ...seeds.flatMap(({ endpoint }) => ['--peer', endpoint]),
  ];
  const terminal = await openTmux(scope, { columns: COLUMNS, rows: ROWS, command });
  await terminal.until(/Pieces [1-9]/);
  await startLeeches(workspace, port);
  await poll(
    `${SHARE} %`,
    180_000,
    async () => (shareOf(await terminal.capture()) >= SHARE ? true : null),
    200,
  );
  mkdirSync(FOLDER, { recursive: true });
  await picture(terminal, 'overview');
  await terminal.send('f');
  await terminal.until(/■ /);
  await terminal.send('Down', 'Down', 'Down');
  await wait(600);
  await picture(terminal, 'files');
  varying.stop();
}

async function picture(terminal, name) {
  const capture = await terminal.capture(true);
  const svg = renderSvg(capture, { columns: COLUMNS, rows: ROWS, title: 'spate night-sky-2024.torrent' });
  writeFileSync(join(FOLDER, `${name}.svg`), svg);
  process.stdout.write(`docs/images/${name}.svg\n`);
}

async function startSeeds({ torrent, source: directory }) {
  const seeds = await Promise.all(
    SEED_RATES.slice(0, 4).map((_, i) =>
      startLibtorrent(scope, { torrent, directory, address: `127.0.0.${i + 2}` }),
    ),
  );
  if (needs('aria2').skip !== false) return seeds;
  const aria2 = await startAria2Seed(scope, { torrent, directory });
  return [...seeds, { ...aria2, address: '127.0.0.1' }];
}

/** Others who want the same torrent and find us. */
async function startLeeches({ torrent }, port) {
  for (const address of ['127.0.0.11', '127.0.0.12']) {
    const leech = await startLibtorrent(scope, { torrent, directory: await scope.directory(), address });
    leech.connect('127.0.0.1', port);
  }
}

function vary(seeds) {
  let step = 0;
  // aria2 keeps its first rate: it is asked over HTTP.
  const change = () => {
    step++;
    for (const [i, seed] of seeds.entries()) {
      const wave = 1 + 0.35 * Math.sin(step / (3 + i)) + 0.15 * Math.sin(step * (1.3 + i));
      if (step === 1 || 'connect' in seed) void seed.limit(Math.round(SEED_RATES[i] * wave));
    }
  };
  change();
  const timer = setInterval(change, 1000);
  return { stop: () => clearInterval(timer) };
}

function shareOf(screen) {
  return Number(/(\d+(?:\.\d)?)%/.exec(screen)?.[1] ?? 0);
}

function nightSky() {
  const name = 'night-sky-2024';
  const file = (path, megabytes) => ({ path, length: Math.round(megabytes * 1e6) });
  return makeContent({
    name,
    pieceLength: 256 * 1024,
    source: new GeneratedBytes(name),
    files: [
      file('timelapse/perseids-over-the-lake.mkv', 48.2),
      file('timelapse/milky-way-rising.mkv', 31.7),
      file('timelapse/流星群 🌠.mkv', 22.4),
      file('stills/andromeda.tiff', 9.6),
      file('stills/orion-nebula.tiff', 8.3),
      file('stills/moon-mosaic.tiff', 9.1),
      file('music/quiet-hours.flac', 11.9),
      file('README.txt', 0.004),
    ],
  });
}
