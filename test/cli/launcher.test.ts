/**
 * `npm start` and the installed command as a person meets them: stdout, exit codes, folders, signals, and when it builds.
 * The program is a stand-in. Installing is in test/long/fresh-clone.test.ts, because it takes the network and minutes.
 */
import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  killStarted,
  makeStandInCheckout,
  olderNode,
  type Running,
  removeCheckout,
  root,
  run,
  start,
} from '../support/checkout.ts';

const SIGNALS = [
  { name: 'SIGINT', code: 130 },
  { name: 'SIGTERM', code: 143 },
] as const;

const older = await olderNode();
const SKIP_OLDER = older === null ? 'the Node on PATH is not older than 24' : false;

let checkout = '';
let elsewhere = '';

before(() => {
  checkout = makeStandInCheckout();
  elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'spate elsewhere ')));
});

after(() => {
  killStarted();
  removeCheckout(checkout);
  rmSync(elsewhere, { recursive: true, force: true });
});

function npmStart(args: readonly string[], cwd = checkout, input = ''): Running {
  return start('npm', ['--prefix', checkout, 'start', '--', ...args], { cwd, input });
}

describe('npm start', () => {
  it('builds once when two start at the same time, and both run', async () => {
    const both = await Promise.all([npmStart(['exit', '0']).ended, npmStart(['exit', '0']).ended]);
    assert.deepEqual([both[0].code, both[1].code], [0, 0], both[0].stderr + both[1].stderr);
    const said = both.map(({ stderr }) => stderr).join('');
    assert.equal(said.match(/building…/g)?.length, 1, said);
  });

  it('does not build again, and says nothing of its own', async () => {
    const before = statSync(join(checkout, '.build', 'build-stamp')).mtimeMs;
    const { stdout, stderr } = await npmStart([]).ended;
    assert.equal(stdout, `${checkout} v24.${process.versions.node.split('.').slice(1).join('.')}\n`);
    assert.equal(stderr, '');
    assert.equal(statSync(join(checkout, '.build', 'build-stamp')).mtimeMs, before);
  });

  it('stands where the person stood', async () => {
    const { stdout } = await npmStart([], elsewhere).ended;
    assert.equal(stdout.split(' v')[0], elsewhere);
  });

  it('passes arguments and stdin through unchanged', async () => {
    const args = ['arguments', '--json', 'a b', '$HOME', "it's", '"', '*', ''];
    assert.deepEqual(JSON.parse((await npmStart(args).ended).stdout), args);
    assert.equal((await npmStart(['cat'], checkout, 'one\ntwo').ended).stdout, 'one\ntwo');
  });

  it('ends with the exit code of the program and writes nothing to it', async () => {
    for (const code of [0, 1, 2, 130, 143]) {
      const ended = await npmStart(['exit', String(code)]).ended;
      assert.deepEqual(ended, { code, signal: null, stdout: '', stderr: '' });
    }
  });

  for (const { name, code } of SIGNALS) {
    for (const target of ['npm', 'the process group', 'the program'] as const) {
      it(`stops the program once when ${name} is sent to ${target}`, async () => {
        const npm = npmStart(['wait']);
        const program = Number((await npm.line(/up (\d+)\n/))[1]);
        process.kill({ npm: npm.pid, 'the process group': -npm.pid, 'the program': program }[target], name);
        const ended = await npm.ended;
        assert.deepEqual(ended, { code, signal: null, stdout: `up ${program}\nstop ${name}\n`, stderr: '' });
      });
    }
  }
});

describe('the launcher on an older Node', { skip: SKIP_OLDER }, () => {
  const env = { npm_lifecycle_event: 'start' };
  const launch = (args: readonly string[]): Running =>
    start(older?.path ?? '', [join(checkout, 'scripts', 'start.mjs'), ...args], {
      cwd: root,
      env: { ...env, INIT_CWD: elsewhere },
    });

  it('runs the program on the pinned Node, where the person stood', async () => {
    const { stdout, stderr } = await launch([]).ended;
    assert.match(stdout, /^.* v24\.\d+\.\d+\n$/, stderr);
    assert.equal(stdout.split(' v')[0], elsewhere);
  });

  it('ends with the exit code of the program', async () => {
    assert.equal((await launch(['exit', '2']).ended).code, 2);
  });

  for (const { name, code } of SIGNALS) {
    for (const target of ['the launcher', 'the process group', 'the program'] as const) {
      it(`stops the program once when ${name} is sent to ${target}`, async () => {
        const launcher = launch(['wait']);
        const program = Number((await launcher.line(/up (\d+)\n/))[1]);
        process.kill(
          { 'the launcher': launcher.pid, 'the process group': -launcher.pid, 'the program': program }[
            target
          ],
          name,
        );
        const ended = await launcher.ended;
        assert.deepEqual([ended.code, ended.stdout], [code, `up ${program}\nstop ${name}\n`]);
      });
    }
  }

  it('dies of the signal that the program died of', async () => {
    const launcher = launch(['wait']);
    process.kill(Number((await launcher.line(/up (\d+)\n/))[1]), 'SIGKILL');
    assert.equal((await launcher.ended).signal, 'SIGKILL');
  });

  it('refuses in one sentence when it is the installed command', async () => {
    const ended = await run(older?.path ?? '', [join(checkout, 'bin', 'spate.mjs'), '-V'], { cwd: checkout });
    assert.deepEqual([ended.code, ended.stdout], [1, '']);
    assert.match(
      ended.stderr,
      /^spate: this is Node\.js \d+\.\d+\.\d+, and spate needs Node\.js 24 or newer: \S+\n$/,
    );
  });
});

describe('the build', () => {
  const main = (): string => join(checkout, 'src', 'cli', 'main.ts');

  it('follows an edit, also one that keeps size and time', async () => {
    const text = readFileSync(main(), 'utf8');
    const { atime, mtime } = statSync(main());
    writeFileSync(main(), text.replace("'up '", "'UP '"));
    utimesSync(main(), atime, mtime);
    const npm = npmStart(['wait']);
    const program = Number((await npm.line(/UP (\d+)\n/))[1]);
    process.kill(program, 'SIGINT');
    assert.match((await npm.ended).stderr, /building…/);
    writeFileSync(main(), text);
  });

  it('makes again what somebody deleted from dist', async () => {
    await npmStart(['exit', '0']).ended;
    rmSync(join(checkout, 'dist', 'base', 'assert.js'));
    assert.equal((await npmStart(['exit', '0']).ended).code, 0);
    assert.ok(statSync(join(checkout, 'dist', 'base', 'assert.js')).isFile());
  });

  it('removes outputs whose source is gone', async () => {
    writeFileSync(join(checkout, 'src', 'base', 'gone.ts'), '/** Gone. */\nexport const gone = 1;\n');
    await npmStart(['exit', '0']).ended;
    assert.ok(statSync(join(checkout, 'dist', 'base', 'gone.js')).isFile());
    rmSync(join(checkout, 'src', 'base', 'gone.ts'));
    await npmStart(['exit', '0']).ended;
    assert.equal(statSync(join(checkout, 'dist', 'base', 'gone.js'), { throwIfNoEntry: false }), undefined);
  });

  it('fails with the errors of the compiler on stderr and nothing on stdout', async () => {
    const text = readFileSync(main(), 'utf8');
    writeFileSync(main(), `${text}const n: number = 'n';\nsay(String(n));\n`);
    const ended = await npmStart(['exit', '0']).ended;
    writeFileSync(main(), text);
    assert.deepEqual([ended.code, ended.stdout], [1, '']);
    assert.match(ended.stderr, /main\.ts.*TS2322[\s\S]*spate: cannot build: [^\n]*\n$/);
  });

  it('takes over the lock of a launcher that was killed', async () => {
    const lock = join(checkout, '.build', 'lock');
    const dead = start('true', [], { cwd: checkout });
    await dead.ended;
    writeFileSync(lock, JSON.stringify({ pid: dead.pid }));
    const past = new Date(Date.now() - 30_000);
    utimesSync(lock, past, past);
    rmSync(join(checkout, 'dist'), { recursive: true });
    assert.equal((await npmStart(['exit', '0']).ended).code, 0);
    assert.equal(statSync(lock, { throwIfNoEntry: false }), undefined);
  });
});
