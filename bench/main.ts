/**
 * Owns the benchmark's command line and its tables: `npm run bench -- [--scenario download|seeding] [--rounds N]
 * [--size GIB] [--target DIR] [--only spate,libtorrent,aria2] [--json FILE]`.
 *
 * It needs Linux, python3-libtorrent and aria2, an idle machine, and a current build in `dist`.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, tmpdir, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Scope } from '../test/support/scope.ts';
import { type DownloadRun, runDownloads } from './scenarios/download.ts';
import { LEECH_NAMES, type LeechName } from './scenarios/leeches.ts';
import { runSeedings, type SeedingRun } from './scenarios/seeding.ts';

const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const SCENARIOS = ['download', 'seeding'] as const;

type ScenarioName = (typeof SCENARIOS)[number];
type Column = Exclude<keyof DownloadRun, 'leech' | 'round'>;
type Run = Readonly<Record<Column, number>>;

const COLUMNS: readonly (readonly [Column, string, number])[] = [
  ['userSecondsPerGiB', 'user s/GiB', 2],
  ['systemSecondsPerGiB', 'sys s/GiB', 2],
  ['cpuSecondsPerGiB', 'CPU s/GiB', 2],
  ['mebibytesPerSecond', 'MiB/s', 0],
  ['peakMegabytes', 'peak MB', 0],
  ['peakAnonymousMegabytes', 'anon MB', 0],
];
const HEAD_WIDTH = 22;

function readOptions() {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'download' },
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
  const scenario = SCENARIOS.find((name) => name === values.scenario);
  const clients = LEECH_NAMES.filter((name) => wanted.includes(name));
  if (scenario === undefined) throw new Error(`--scenario ${values.scenario}: of ${SCENARIOS.join(',')}`);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: not a count`);
  if (!(size > 0)) throw new Error(`--size ${values.size}: not a size in GiB`);
  if (clients.length !== wanted.length) throw new Error(`--only ${values.only}: of ${LEECH_NAMES.join(',')}`);
  return {
    scenario,
    rounds,
    clients,
    sizeBytes: Math.round(size * 1024) * 1024 ** 2,
    target: values.target,
    json: values.json,
  };
}

type Options = ReturnType<typeof readOptions>;

function row(head: string, run: Run): string {
  const cells = COLUMNS.map(([column, title, digits]) => run[column].toFixed(digits).padStart(title.length));
  return [head.padEnd(HEAD_WIDTH), ...cells].join('  ');
}

function heading(first: string): string {
  return [first.padEnd(HEAD_WIDTH), ...COLUMNS.map(([, title]) => title)].join('  ');
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function mediansOf(runs: readonly Run[]): Run {
  const columns = COLUMNS.map(([column]) => [column, median(runs.map((run) => run[column]))] as const);
  return Object.fromEntries(columns) as Record<Column, number>;
}

/** Medians of each client, and how spate compares; `runs` are by client. */
function summary(runs: ReadonlyMap<LeechName, readonly Run[]>, what: string): string[] {
  const lines = ['', heading(`median${what}`)];
  const medians = new Map([...runs].map(([client, own]) => [client, mediansOf(own)] as const));
  for (const [client, own] of medians) lines.push(row(client, own));
  const own = medians.get('spate');
  if (own === undefined || medians.size < 2) return lines;
  lines.push('', heading('spate / other'));
  for (const [client, other] of medians) {
    if (client === 'spate') continue;
    const cells = COLUMNS.map(([column, title]) =>
      (own[column] / other[column]).toFixed(2).padStart(title.length),
    );
    lines.push([`spate / ${client}`.padEnd(HEAD_WIDTH), ...cells].join('  '));
  }
  return lines;
}

async function download(scope: Scope, options: Options, program: readonly string[]): Promise<DownloadRun[]> {
  const onRun = (run: DownloadRun): void => console.log(row(`${run.round} ${run.leech}`, run));
  const runs = await runDownloads(scope, { ...options, leeches: options.clients, program, onRun });
  console.log(
    summary(
      Map.groupBy(runs, (run) => run.leech),
      '',
    ).join('\n'),
  );
  return runs;
}

async function seeding(scope: Scope, options: Options, program: readonly string[]): Promise<SeedingRun[]> {
  const onRun = (run: SeedingRun): void =>
    console.log(row(`${run.round} ${run.seed} to ${run.leechCount}`, run));
  const runs = await runSeedings(scope, { ...options, seeds: options.clients, program, onRun });
  for (const [count, own] of Map.groupBy(runs, (run) => run.leechCount)) {
    console.log(
      summary(
        Map.groupBy(own, (run) => run.seed),
        ` to ${count}`,
      ).join('\n'),
    );
  }
  return runs;
}

const TITLES: Readonly<Record<ScenarioName, string>> = {
  download: 'from one libtorrent seed',
  seeding: 'to each libtorrent leech',
};

async function main(): Promise<void> {
  const options = readOptions();
  const { scenario, sizeBytes } = options;
  if (options.clients.includes('spate') && !existsSync(PROGRAM))
    throw new Error('no build: run npm run build first');
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 1e9)} GB`;
  console.log(
    `${sizeBytes / 1024 ** 3} GiB ${TITLES[scenario]}; ${machine}, ${platform()} ${release()} ${arch()}`,
  );
  console.log(heading('run'));
  const scope = new Scope(null);
  try {
    const run = scenario === 'download' ? download : seeding;
    const runs = await run(scope, options, [process.execPath, PROGRAM]);
    if (options.json !== undefined) {
      const result = { scenario, machine, node: process.version, sizeBytes, runs };
      writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
    }
  } finally {
    await scope.close();
  }
}

await main();
