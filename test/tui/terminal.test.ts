/**
 * The terminal UI in a real terminal (tmux) on a real download from a swarm on loopback: what a person would look for, at
 * several sizes, and that the terminal is given back however it ends.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { assertDownloaded } from '../support/compare.ts';
import { poll } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { spateCommand } from '../support/spate.ts';
import { smallTree, startSwarm } from './support/swarm.ts';
import { needsTmux, openTmux, type TmuxOptions, type TmuxTerminal } from './support/tmux-terminal.ts';

const TIMEOUT_MS = 30_000;

async function openUi(
  scope: Scope,
  parameters: readonly string[],
  options: Partial<TmuxOptions> = {},
): Promise<TmuxTerminal> {
  return openTmux(scope, { columns: 100, rows: 30, command: [...spateCommand(), ...parameters], ...options });
}

/** The process id of the program, which is a child of the shell in the window. */
async function pidOf(terminal: TmuxTerminal): Promise<number> {
  const shell = await terminal.pid();
  const child = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ')[0];
  assert.notEqual(child, undefined, 'the program runs');
  return Number(child);
}

async function assertGivenBack(terminal: TmuxTerminal): Promise<void> {
  assert.equal(await terminal.isAlternate(), false, 'the first screen is shown');
  assert.equal(await terminal.hasCursor(), true, 'the cursor is shown');
}

describe('the terminal UI', { ...needsTmux(), concurrency: 2 }, () => {
  test('shows a download from start to end, and leaves one line in the scrollback', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(
      scope,
      smallTree('field recordings 2024', 2_500_000),
      [300_000, 200_000, 100_000],
    );
    const terminal = await openUi(scope, swarm.parameters);
    const screen = await terminal.until(/Pieces [1-9]\d* of 77/);
    const rows = screen.split('\n');
    assert.match(rows[0]!, /^╭─ field recordings 2024 ─+╮$/);
    assert.match(rows[1]!, /^│ http:\/\/127\.0\.0\.1:\d+\/announce +OK \(.*\) │$/);
    assert.match(rows[3]!, /^│ █.*░ +\d+\.\d% │$/);
    assert.match(rows[4]!, /[kM]B of 2\.50 MB {3}↓ +[\d.]+ kB\/s {3}↑ +0 B\/s {3}\d+ s left/);
    assert.match(rows[5]!, /● downloading from 3 peers/);
    const peers = [...screen.matchAll(/│ 127\.0\.0\.(\d):\d+ .* D +([\d.]+) kB\/s │/g)];
    assert.deepEqual(peers.map((match) => match[1]).sort(), ['2', '3', '4']);
    const rates = peers.map((match) => Number(match[2]));
    assert.deepEqual(
      rates,
      rates.toSorted((a, b) => b - a),
      'the fastest first',
    );
    assert.match(rows.at(-2) ?? '', /q quit/);
    assert.equal(await terminal.isAlternate(), true);
    const end = await terminal.until(/\[exit 0\]/, TIMEOUT_MS);
    assert.match(end, /^field recordings 2024: complete: 2\.\d+ MB in [\d.]+ s \(.*\/s\)\n\[exit 0\]\n*$/);
    await assertGivenBack(terminal);
    assertDownloaded(swarm.workspace.target, swarm.content);
  });

  test('every view shows the swarm, and keys go from one to the other', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree(), [120_000, 80_000]);
    const terminal = await openUi(scope, swarm.parameters, { columns: 120 });
    await terminal.until(/Pieces [1-9]/);
    await terminal.send('p');
    await terminal.until(
      /Address .*Client .*Flags[\s\S]*127\.0\.0\.[23]:\d+ +XX 0\.0\.0\.1 +D +100% +[\d.]+ kB\/s/,
    );
    await terminal.send('f');
    const files = await terminal.until(/▸ disc 2\//);
    assert.match(files, /■ 01 dawn chorus\.flac .*%.* 1\.60 MB │/);
    assert.match(files, /■ 春の鳥 🐦\.flac .*%.* 1\.16 MB │/);
    await terminal.send('t');
    await terminal.until(/1\. +http:\/\/127\.0\.0\.1[\s\S]*2 peers.* next announce in/);
    await terminal.send('m');
    await terminal.until(/123 pieces of 32\.8 kB[\s\S]*█[\s\S]*█ verified/);
    await terminal.send('l');
    await terminal.until(/connected to 127\.0\.0\.2:\d+/);
    await terminal.send('?');
    await terminal.until(/Flags of peers/);
    await terminal.send('Escape');
    await terminal.until(/─ Log ─/);
    await terminal.send('Escape');
    await terminal.until(/Downloading from/);
    await terminal.send('q');
    const end = await terminal.until(/\[exit 130\]/);
    assert.match(end, /field recordings 2024: stopped at \d+\.\d%; the same command goes on from there/);
    await assertGivenBack(terminal);
    assert.ok(swarm.tracker.events().includes('stopped'), 'the tracker heard that we left');
  });

  test('a window of any size is filled, also while it changes', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree('大きな 🌲 木', 6_000_000), [100_000]);
    const terminal = await openUi(scope, swarm.parameters, { columns: 40, rows: 10 });
    await terminal.until(/127\.0\.0\.2:\d+/);
    for (const [columns, rows] of [
      [40, 10],
      [80, 24],
      [300, 100],
      [57, 13],
    ] as const) {
      await terminal.resize(columns, rows);
      const screen = await poll(`a frame of ${columns} × ${rows}`, TIMEOUT_MS, async () => {
        const lines = (await terminal.capture()).trimEnd().split('\n');
        const isFilled = lines.length === rows && /^╰.*╯$/.test(lines.at(-2)!);
        return isFilled && lines[0]!.endsWith('╮') && /%/.test(lines.join('')) ? lines : null;
      });
      for (const line of screen.slice(1, -2)) assert.match(line, /^[│├].*[│┤]$/, screen.join('\n'));
      assert.match(screen[0]!, /大きな 🌲 木/);
      assert.equal([...screen.at(-2)!].length, columns);
      assert.match(screen.join('\n'), /127\.0\.0\.2:\d+/);
    }
  });

  test('a slow goodbye is shown with its progress, and insisting ends it', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree(), [50_000]);
    const reply = swarm.tracker.reply;
    const usual = typeof reply === 'function' ? reply : () => reply;
    swarm.tracker.reply = (announce) => (announce.event === 'stopped' ? { silent: true } : usual(announce));
    const terminal = await openUi(scope, swarm.parameters);
    await terminal.until(/OK \(/);
    await terminal.send('C-c');
    await terminal.until(/saying goodbye: 0 of 1 tracker answered/);
    assert.match(await terminal.capture(), /stopping; press Ctrl\+C again to exit at once/);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await terminal.send('C-c');
    await terminal.until(/\[exit 130\]/, 2500);
    await assertGivenBack(terminal);
  });

  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const) {
    test(`${signal} gives the terminal back and ends with ${status}`, async (t) => {
      const scope = new Scope(t);
      const swarm = await startSwarm(scope, smallTree(), [50_000]);
      const terminal = await openUi(scope, swarm.parameters);
      await terminal.until(/Downloading from 1/);
      process.kill(await pidOf(terminal), signal);
      await terminal.until(new RegExp(`\\[exit ${status}\\]`));
      await assertGivenBack(terminal);
    });
  }

  test('an exception that nobody catches gives the terminal back before its stack is printed', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree(), [50_000]);
    const crash = `process.on('SIGWINCH', () => { throw new RangeError('a crash for a test'); });`;
    const [node, ...main] = spateCommand();
    const preload = `data:text/javascript,${encodeURIComponent(crash)}`;
    const command = [node!, '--import', preload, ...main, ...swarm.parameters];
    const terminal = await openTmux(scope, { columns: 100, rows: 30, command });
    await terminal.until(/Downloading from 1/);
    await terminal.resize(90, 25);
    await terminal.until(/\[exit 1\]/);
    await assertGivenBack(terminal);
    assert.match(await terminal.scrollback(), /RangeError: a crash for a test/);
  });

  test('Ctrl+Z lends the terminal to the shell, and coming back paints again', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree(), [60_000]);
    const terminal = await openTmux(scope, { columns: 100, rows: 30, command: ['bash', '--norc', '-i'] });
    await terminal.until(/[$#] *$/m);
    const line = [...spateCommand(), ...swarm.parameters].map((part) => `'${part}'`).join(' ');
    await terminal.send('-l', line);
    await terminal.send('Enter');
    await terminal.until(/Downloading from 1/);
    await terminal.send('C-z');
    await terminal.until(/Stopped/);
    await assertGivenBack(terminal);
    await terminal.send('-l', 'fg');
    await terminal.send('Enter');
    await terminal.until(/Downloading from 1[\s\S]*q quit/);
    assert.equal(await terminal.isAlternate(), true);
    await terminal.send('p');
    await terminal.until(/Address/);
    await terminal.send('q');
    await terminal.until(/stopped at/);
    await terminal.send('-l', 'exit');
    await terminal.send('Enter');
  });

  test('without colours and without Unicode it is the same in ASCII', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree(), [60_000]);
    const terminal = await openUi(scope, swarm.parameters, { environment: { LC_ALL: 'C', NO_COLOR: '1' } });
    const screen = await terminal.until(/Pieces [1-9]/);
    assert.match(screen, /^\+- field recordings 2024 -+\+$/m);
    assert.match(screen, /^\| #.*- +\d+\.\d% \|$/m);
    assert.match(screen, /^[ -~\n]*$/);
    const styled = await terminal.capture(true);
    assert.doesNotMatch(styled.replaceAll('\u001b', 'ESC'), /ESC\[(?:\d+;)*3[0-7]/);
    await terminal.send('f');
    await terminal.until(/x \?{6} \?\?\.flac/);
  });

  test('several torrents are a list first', async (t) => {
    const scope = new Scope(t);
    const one = await startSwarm(scope, smallTree('one'), [60_000]);
    const two = await startSwarm(scope, smallTree('two'), [60_000]);
    const parameters = [...one.parameters, two.workspace.torrent, '--peer', two.seeds[0]!.endpoint];
    const terminal = await openUi(scope, parameters);
    const list = await terminal.until(/● one .*kB\/s[\s\S]*● two .*kB\/s/);
    assert.match(list, /2 torrents .*↓ +[\d.]+ kB\/s/);
    await terminal.send('Down', 'Enter');
    await terminal.until(/╭─ two ─+ 2 of 2 ─╮/);
    await terminal.send('Escape');
    await terminal.until(/2 torrents/);
    await terminal.send('C-c');
    const end = await terminal.until(/\[exit 130\]/);
    assert.match(end, /one: stopped at .*\n.*two: stopped at/);
  });

  test('with --no-ui, --quiet and --json there are no views', async (t) => {
    const scope = new Scope(t);
    await Promise.all(
      ['--no-ui', '--quiet', '--json'].map(async (option) => {
        const swarm = await startSwarm(scope, smallTree(`plain ${option}`, 400_000), [400_000]);
        const terminal = await openUi(scope, [...swarm.parameters, option]);
        await terminal.until(/\[exit 0\]/);
        assert.doesNotMatch(await terminal.scrollback(), /Downloading from|╭/, option);
      }),
    );
  });

  test('on a terminal that only prints there are lines', async (t) => {
    const scope = new Scope(t);
    const swarm = await startSwarm(scope, smallTree('dumb', 400_000), [400_000]);
    const terminal = await openUi(scope, swarm.parameters, { environment: { TERM: 'dumb' } });
    await terminal.until(/dumb: complete[\s\S]*\[exit 0\]/);
    assert.doesNotMatch(await terminal.scrollback(), /╭/);
  });
});
