/**
 * Owns the benchmark's command line and its tables: `npm run bench -- [--rounds N] [--size GIB] [--target DIR]
 * [--only spate,libtorrent,aria2] [--json FILE]`.
 *
 * It needs Linux, python3-libtorrent (the seed) and aria2, an idle machine, and a current build in `dist`.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, tmpdir, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Scope } from '../test/support/scope.ts';
import { type DownloadRun, runDownloads } from './scenarios/download.ts';
import { LEECH_NAMES, type LeechName } from './scenarios/leeches.ts';

const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

type Column = Exclude<keyof DownloadRun, 'leech' | 'round'>;

const COLUMNS: readonly (readonly [Column, string, number])[] = [
  ['userSecondsPerGiB', 'user s/GiB', 2],
  ['systemSecondsPerGiB', 'sys s/GiB', 2],
  ['cpuSecondsPerGiB', 'CPU s/GiB', 2],
  ['mebibytesPerSecond', 'MiB/s', 0],
  ['peakMegabytes', 'peak MB', 0],
  ['peakAnonymousMegabytes', 'anon MB', 0],
];

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      size: { type: 'string', default: '2' },
      target: { type: 'string', default: tmpdir() },
      only: { type: 'string', default: LEECH_NAMES.join(',') },
      json: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  const size = Number(values.size);
  const wanted = values.only.split(',');
  const leeches = LEECH_NAMES.filter((name) => wanted.includes(name));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: not a count`);
  if (!(size > 0)) throw new Error(`--size ${values.size}: not a size in GiB`);
  if (leeches.length !== wanted.length) throw new Error(`--only ${values.only}: of ${LEECH_NAMES.join(',')}`);
  return {
    rounds,
    leeches,
    sizeBytes: Math.round(size * 1024) * 1024 ** 2,
    target: values.target,
    json: values.json,
  };
}

function row(head: string, run: Readonly<Record<Column, number>>): string {
  const cells = COLUMNS.map(([column, title, digits]) => run[column].toFixed(digits).padStart(title.length));
  return [head.padEnd(16), ...cells].join('  ');
}

function heading(first: string): string {
  return [first.padEnd(16), ...COLUMNS.map(([, title]) => title)].join('  ');
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function combine(value: (column: Column) => number): Record<Column, number> {
  return Object.fromEntries(COLUMNS.map(([column]) => [column, value(column)])) as Record<Column, number>;
}

function mediansOf(runs: readonly DownloadRun[], leech: LeechName): Record<Column, number> {
  const own = runs.filter((run) => run.leech === leech);
  return combine((column) => median(own.map((run) => run[column])));
}

function summary(runs: readonly DownloadRun[], leeches: readonly LeechName[]): string[] {
  const lines = ['', heading('median')];
  for (const leech of leeches) lines.push(row(leech, mediansOf(runs, leech)));
  if (!leeches.includes('spate') || leeches.length < 2) return lines;
  lines.push('', heading('spate / other'));
  const own = mediansOf(runs, 'spate');
  for (const leech of leeches.filter((name) => name !== 'spate')) {
    const other = mediansOf(runs, leech);
    const cells = COLUMNS.map(([column, title]) =>
      (own[column] / other[column]).toFixed(2).padStart(title.length),
    );
    lines.push([`spate / ${leech}`.padEnd(16), ...cells].join('  '));
  }
  return lines;
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.leeches.includes('spate') && !existsSync(PROGRAM))
    throw new Error('no build: run npm run build first');
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 1e9)} GB`;
  console.log(
    `${options.sizeBytes / 1024 ** 3} GiB from one libtorrent seed; ${machine}, ${platform()} ${release()} ${arch()}`,
  );
  console.log(heading('run'));
  const scope = new Scope(null);
  try {
    const program = [process.execPath, PROGRAM];
    const onRun = (run: DownloadRun): void => console.log(row(`${run.round} ${run.leech}`, run));
    const runs = await runDownloads(scope, { ...options, program, onRun });
    console.log(summary(runs, options.leeches).join('\n'));
    if (options.json !== undefined) {
      const result = { machine, node: process.version, sizeBytes: options.sizeBytes, runs };
      writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
    }
  } finally {
    await scope.close();
  }
}

await main();
