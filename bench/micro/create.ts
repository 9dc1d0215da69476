/**
 * Micro benchmark of making and checking torrents: `spate create` and `spate check` beside libtorrent, mktorrent and
 * transmission-create where they are installed, in turn on the same file, and the rate of hashing alone in memory.
 *
 * Usage: node bench/micro/create.ts [--gib 2] [--piece-kib 1024] [--rounds 3] [--dir DIR] [--cold] [--mktorrent PROGRAM]
 * The file comes from the page cache; with --cold it is dropped from it before each run (GNU dd). Times are of whole
 * programs, starts included; ours is the build in `dist`, so build first.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

const MIB = 1 << 20;
const GIB = 2 ** 30;
const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LIBTORRENT = `
import libtorrent as lt, os, sys
path, piece, flags = sys.argv[1], int(sys.argv[2]), {'v1': 64, 'v2': 32, 'hybrid': 0}[sys.argv[3]]
files = lt.file_storage()
lt.add_files(files, path, flags=flags)
torrent = lt.create_torrent(files, piece, flags)
lt.set_piece_hashes(torrent, os.path.dirname(path))
open(sys.argv[4], 'wb').write(lt.bencode(torrent.generate()))
`;

interface Options {
  readonly bytes: number;
  readonly pieceLength: number;
  readonly rounds: number;
  readonly folder: string;
  readonly isCold: boolean;
  readonly mktorrent: string;
}

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      gib: { type: 'string', default: '2' },
      'piece-kib': { type: 'string', default: '1024' },
      rounds: { type: 'string', default: '3' },
      dir: { type: 'string', default: tmpdir() },
      cold: { type: 'boolean', default: false },
      mktorrent: { type: 'string', default: 'mktorrent' },
    },
  });
  return {
    bytes: Math.round(Number(values.gib) * 1024) * MIB,
    pieceLength: Number(values['piece-kib']) * 1024,
    rounds: Number(values.rounds),
    folder: mkdtempSync(join(values.dir, 'spate-bench-')),
    isCold: values.cold,
    mktorrent: values.mktorrent,
  };
}

/** A file of random bytes, so that no file system can cheat. */
function writeContent(path: string, bytes: number): void {
  const chunk = Buffer.allocUnsafe(16 * MIB);
  const descriptor = openSync(path, 'w');
  for (let done = 0; done < bytes; done += chunk.length) {
    randomFillSync(chunk);
    writeSync(descriptor, chunk, 0, Math.min(chunk.length, bytes - done));
  }
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function isInstalled(command: string, ...parameters: string[]): boolean {
  return spawnSync(command, parameters, { stdio: 'ignore' }).error === undefined;
}

function hasLibtorrent(): boolean {
  return spawnSync('/usr/bin/python3', ['-c', 'import libtorrent'], { stdio: 'ignore' }).status === 0;
}

function contenders(options: Options, file: string, out: string): Contender[] {
  const { pieceLength, mktorrent } = options;
  const list: Contender[] = [];
  for (const format of ['v1', 'v2', 'hybrid']) {
    const create = ['create', file, '-o', out, `--${format}`, '--piece-length', String(pieceLength)];
    list.push({ name: `spate create ${format}`, command: [process.execPath, PROGRAM, ...create] });
    if (hasLibtorrent()) {
      const command = ['/usr/bin/python3', '-c', LIBTORRENT, file, String(pieceLength), format, out];
      list.push({ name: `libtorrent ${format}`, command });
    }
  }
  if (isInstalled(mktorrent, '-h')) {
    list.push({
      name: 'mktorrent',
      command: [mktorrent, '-l', String(Math.log2(pieceLength)), '-o', out, file],
    });
  }
  if (isInstalled('transmission-create', '--version')) {
    const size = String(pieceLength / 1024);
    list.push({ name: 'transmission-create', command: ['transmission-create', '-s', size, '-o', out, file] });
  }
  return list;
}

/** Wall and CPU seconds of a program; the latter from the shell's `times`, which counts its children. */
function run(command: readonly string[]): { wall: number; cpu: number } {
  const start = performance.now();
  const script = '"$@" >/dev/null 2>&1 || echo "failed: $?"; times';
  const output = execFileSync('bash', ['-c', script, 'bash', ...command], { encoding: 'utf8' });
  const wall = (performance.now() - start) / 1000;
  if (output.startsWith('failed')) throw new Error(`${command[0]} ${output.split('\n')[0]}`);
  const children = output.trim().split('\n').at(-1)!;
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  return { wall, cpu: parts.reduce((sum, part) => sum + Number(part[1]) * 60 + Number(part[2]), 0) };
}

function dropFromCache(file: string): void {
  execFileSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], {
    stdio: 'ignore',
  });
}

/** Bytes a second that one thread hashes from a buffer that stays in its cache, while all processors do. */
async function hashRate(algorithm: string, stepLength: number): Promise<number> {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const { hash } = require('node:crypto');
    const bytes = new Uint8Array(${stepLength}).fill(7);
    const end = performance.now() + 700;
    let count = 0;
    const start = performance.now();
    while (performance.now() < end) for (let i = 0; i < 8; i++, count++) hash('${algorithm}', bytes, 'binary');
    parentPort.postMessage((count * bytes.length * 1000) / (performance.now() - start));`;
  const rates = Array.from({ length: availableParallelism() }, () => {
    const worker = new Worker(source, { eval: true });
    return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  const all = await Promise.all(rates);
  return all.reduce((sum, rate) => sum + rate, 0) / all.length;
}

function report(name: string, seconds: { wall: number; cpu: number }, options: Options): void {
  const rate = options.bytes / seconds.wall / MIB;
  const cpu = (seconds.cpu * GIB) / options.bytes;
  console.log(
    `${name.padEnd(22)} ${seconds.wall.toFixed(2).padStart(6)} s ${rate.toFixed(0).padStart(6)} MiB/s ${cpu.toFixed(2).padStart(6)} CPU s/GiB`,
  );
}

async function main(): Promise<void> {
  if (!existsSync(PROGRAM)) throw new Error('no build: run npm run build first');
  const options = readOptions();
  const cores = availableParallelism();
  try {
    for (const [name, algorithm, step] of [
      ['SHA-1', 'sha1', MIB],
      ['SHA-256 of 16 KiB', 'sha256', 16_384],
    ] as const) {
      const rate = await hashRate(algorithm, step);
      console.log(`${cores} threads of ${name}: ${((cores * rate) / MIB).toFixed(0)} MiB/s`);
    }
    const file = join(options.folder, 'content.bin');
    const out = join(options.folder, 'x.torrent');
    const kept = join(options.folder, 'kept.torrent');
    writeContent(file, options.bytes);
    const list = contenders(options, file, out);
    for (const format of ['v1', 'v2', 'hybrid']) {
      const made = `${kept}.${format}`;
      run([process.execPath, PROGRAM, 'create', file, '-o', made, `--${format}`]);
      const check = ['check', made, '--dir', options.folder];
      list.push({ name: `spate check ${format}`, command: [process.execPath, PROGRAM, ...check] });
    }
    for (let round = 1; round <= options.rounds; round++) {
      console.log(`round ${round}${options.isCold ? ', cold' : ''}`);
      for (const { name, command } of list) {
        rmSync(out, { force: true });
        if (options.isCold) dropFromCache(file);
        report(name, run(command), options);
      }
    }
  } finally {
    rmSync(options.folder, { recursive: true, force: true });
  }
}

await main();
