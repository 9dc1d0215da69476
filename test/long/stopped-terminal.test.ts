/** A terminal that nobody reads: it never slows a download, and never keeps the program from ending. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertDownloaded } from '../support/compare.ts';
import { poll } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { spateCommand } from '../support/spate.ts';
import { needsPython, openStoppedTerminal } from '../tui/support/stopped-terminal.ts';
import { smallTree, startSwarm } from '../tui/support/swarm.ts';

const RATE = 400_000;
/** Longer than any buffer on the way could hide. */
const STOPPED_SECONDS = 10;

describe('a terminal that is not read', { ...needsPython(), concurrency: true }, () => {
  test('does not slow the download, for ten seconds and more, and is written to again when it is read', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree('unread', RATE * (STOPPED_SECONDS + 4)), [RATE]);
    const [seed] = swarm.seeds;
    const terminal = await openStoppedTerminal(scope, [...spateCommand(), ...swarm.parameters]);
    await poll('data', 15_000, () => (seed!.bytesServed > RATE && terminal.shownBytes > 2000 ? true : null));
    await terminal.stop();
    const [servedBefore, shownBefore] = [seed!.bytesServed, terminal.shownBytes];
    await new Promise((resolve) => setTimeout(resolve, STOPPED_SECONDS * 1000));
    const served = seed!.bytesServed - servedBefore;
    assert.equal(terminal.shownBytes, shownBefore, 'the terminal took nothing');
    assert.ok(served > 0.85 * RATE * STOPPED_SECONDS, `only ${served} bytes in ${STOPPED_SECONDS} s`);
    await terminal.go();
    await poll('more on the screen', 5000, () => (terminal.shownBytes > shownBefore + 500 ? true : null));
    assert.equal(await terminal.exited(20_000), 0);
    assertDownloaded(swarm.workspace.target, swarm.content);
  });

  test('does not keep a download that is complete from ending', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree('unread to the end', RATE * 3), [RATE]);
    const terminal = await openStoppedTerminal(scope, [...spateCommand(), ...swarm.parameters]);
    await poll('a screen', 15_000, () => (terminal.shownBytes > 2000 ? true : null));
    await terminal.stop();
    assert.equal(await terminal.exited(15_000), 0);
    assertDownloaded(swarm.workspace.target, swarm.content);
  });

  test('does not keep a signal from ending the program', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree('unread and ended'), [20_000]);
    const terminal = await openStoppedTerminal(scope, [...spateCommand(), ...swarm.parameters]);
    await poll('a screen', 15_000, () => (terminal.shownBytes > 2000 ? true : null));
    await terminal.stop();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    process.kill(terminal.pid, 'SIGTERM');
    assert.equal(await terminal.exited(6000), 143);
  });
});
