/** What the terminal UI costs while a download is as fast as it gets: the thread that it runs on hardly works. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateFile } from '../support/content.ts';
import { poll } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { startScriptedSeed } from '../support/scripted-peer.ts';
import { spateCommand } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';
import { needsPython, openStoppedTerminal } from './support/stopped-terminal.ts';

const MIB = 1024 ** 2;
const LENGTH = 512 * MIB;
const MAX_SHARE = 0.03;
/** Of `/proc/PID/stat`, on every Linux. */
const TICK_MS = 10;

const needs =
  process.platform === 'linux' ? needsPython() : { skip: 'only Linux tells the time of one thread' };

test('drawing takes less than 3 % of a core during the fastest download', needs, async (t) => {
  const scope = new Scope(t);
  const content = generateFile('fast.bin', LENGTH, MIB);
  const workspace = await makeWorkspace(scope, content);
  const seed = await startScriptedSeed(scope, content);
  const parameters = ['download', workspace.torrent, '-d', workspace.target, '--bind', '127.0.0.1'];
  const terminal = await openStoppedTerminal(scope, [
    ...spateCommand(),
    ...parameters,
    '--peer',
    seed.endpoint,
  ]);
  const reached = (share: number): Promise<boolean> =>
    poll(`${share} of the data`, 60_000, () => (seed.bytesServed >= share * LENGTH ? true : null), 10);
  await reached(0.1);
  const [start, before, shownBefore] = [performance.now(), mainThreadMs(terminal.pid), terminal.shownBytes];
  await reached(0.95);
  const elapsed = performance.now() - start;
  const cost = mainThreadMs(terminal.pid) - before;
  const shown = terminal.shownBytes - shownBefore;
  const rate = (0.85 * LENGTH) / MIB / (elapsed / 1000);
  t.diagnostic(`${cost} ms in ${Math.round(elapsed)} ms at ${rate.toFixed(0)} MiB/s, ${shown} bytes drawn`);
  assert.ok(shown > 1000, 'it was drawn meanwhile');
  // Two ticks are the error of the measurement.
  assert.ok(cost <= MAX_SHARE * elapsed + 2 * TICK_MS, `${cost} ms of ${Math.round(elapsed)} ms`);
  assert.equal(await terminal.exited(30_000), 0);
});

/** Processor time of the first thread of a process, which is where the UI runs; the engine has its own. */
function mainThreadMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
