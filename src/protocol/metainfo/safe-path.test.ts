import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom } from '../../base/random.ts';
import { foldName, MAX_NAME_BYTES, safeName } from './safe-name.ts';
import { MAX_PATH_BYTES, MAX_PATH_DEPTH, SafePaths } from './safe-path.ts';

/** Safe paths of these raw paths, in order. A raw path is drawn with `>` between its parts. */
function safePaths(...raw: string[]): string[] {
  const paths = new SafePaths();
  return raw.map((path) => paths.add(path.split('>')));
}

function bytesIn(text: string): number {
  return Buffer.byteLength(text);
}

describe('safeName', () => {
  it('leaves honest names alone', () => {
    for (const name of [
      'a',
      'Season 1 - Épisode 2 [1080p] (x264).mkv',
      '.hidden',
      '...and more',
      'README',
      'console.log',
      'com10.txt',
      '日本語.txt',
      '👩‍👩‍👧.png',
      ' leading',
      '100% & $5 #1 ~ `x`',
    ]) {
      assert.equal(safeName(name), name);
    }
  });

  it('takes every meaning from names that have one', () => {
    const cases: [string, string][] = [
      ['', '_'],
      ['.', '_'],
      ['..', '__'],
      ['...', '___'],
      ['/etc/passwd', '_etc_passwd'],
      ['..\\..\\boot.ini', '.._.._boot.ini'],
      ['C:', 'C_'],
      ['C:\\x', 'C__x'],
      ['a:stream', 'a_stream'],
      ['a\0b', 'a_b'],
      ['a\nb\x1b[31m\x7f\x85', 'a_b_[31m__'],
      ['what?*"<>|', 'what______'],
      ['gpj.\u202eexe', 'gpj._exe'],
      ['a\u2028b', 'a_b'],
      ['dots...', 'dots___'],
      ['space ', 'space_'],
      ['. . ', '____'],
      ['CON', '_CON'],
      ['nul.txt', '_nul.txt'],
      ['Aux .tar.gz', '_Aux .tar.gz'],
      ['com1', '_com1'],
      ['LPT\u00b2.x', '_LPT\u00b2.x'],
      ['CONIN$', '_CONIN$'],
      ['prn...', 'prn___'],
    ];
    for (const [raw, expected] of cases) assert.equal(safeName(raw), expected, JSON.stringify(raw));
  });

  it('cuts long names between characters and keeps a short extension', () => {
    const ascii = safeName(`${'a'.repeat(300)}.mkv`);
    assert.ok(ascii.endsWith('a.mkv'));
    assert.ok(bytesIn(ascii) <= MAX_NAME_BYTES && bytesIn(ascii) >= MAX_NAME_BYTES - 4);
    const wide = safeName('😀'.repeat(100));
    assert.match(wide, /^(?:😀)+$/u);
    assert.ok(bytesIn(wide) <= MAX_NAME_BYTES);
    assert.equal(safeName(`CON${' '.repeat(300)}x`, 20), `CON${'_'.repeat(16)}`);
    assert.equal(safeName('a'.repeat(MAX_NAME_BYTES)), 'a'.repeat(MAX_NAME_BYTES));
  });
});

describe('foldName', () => {
  it('ignores case and normalisation', () => {
    assert.equal(foldName('README.TXT'), foldName('readme.txt'));
    assert.equal(foldName('É.txt'), foldName('e\u0301.TXT'));
    assert.equal(foldName('STRASSE'), foldName('straße'));
    assert.equal(foldName('\u212aelvin'), foldName('kelvin'));
    assert.equal(foldName('ΣΑΣ'), foldName('σας'));
    assert.equal(foldName('ΑΣ.part'), `${foldName('ΑΣ')}.part`);
    assert.notEqual(foldName('a'), foldName('b'));
  });
});

describe('SafePaths', () => {
  it('leaves honest trees alone', () => {
    const raw = ['t>a.txt', 't>d>a.txt', 't>d>b.txt', 't>e>a.txt'];
    assert.deepEqual(
      safePaths(...raw),
      raw.map((path) => path.replaceAll('>', '/')),
    );
  });

  it('cannot be led out of the folder', () => {
    assert.deepEqual(safePaths('t>..>..>etc>passwd', 't>>x', '..>x', 't>.>x', 't>/abs', 't>a/../../b'), [
      't/__/__/etc/passwd',
      't/_/x',
      '__/x',
      't/_ (2)/x',
      't/_abs',
      't/a_.._.._b',
    ]);
  });

  it('numbers what collides, also after sanitising, in case, and in normalisation', () => {
    assert.deepEqual(safePaths('a.txt', 'a.txt', 'A.TXT', 'b?', 'b*', 'é', 'e\u0301'), [
      'a.txt',
      'a (2).txt',
      'A (3).TXT',
      'b_',
      'b_ (2)',
      'é',
      'e\u0301 (2)',
    ]);
  });

  it('never gives out a number that is a name of its own', () => {
    assert.deepEqual(safePaths('a (2)', 'a', 'a', 'a (3)', 'a'), [
      'a (2)',
      'a',
      'a (3)',
      'a (3) (2)',
      'a (4)',
    ]);
  });

  it('tells files from folders, whoever comes first', () => {
    assert.deepEqual(safePaths('t>a', 't>a>b', 't>a>c'), ['t/a', 't/a (2)/b', 't/a (2)/c']);
    assert.deepEqual(safePaths('t>a>b', 't>a', 't>A>c'), ['t/a/b', 't/a (2)', 't/A (3)/c']);
  });

  it('keeps the name of an incomplete file free', () => {
    assert.deepEqual(safePaths('a', 'a.part'), ['a', 'a (2).part']);
    assert.deepEqual(safePaths('a.part', 'a'), ['a.part', 'a (2)']);
    assert.deepEqual(safePaths('a', 'A.PART>x'), ['a', 'A (2).PART/x']);
  });

  it('finds the safe path of a folder', () => {
    const paths = new SafePaths();
    paths.add(['t', 'a:b', 'file']);
    assert.equal(paths.folderPath(['t', 'a:b']), 't/a_b');
    assert.equal(paths.folderPath(['t', 'a:b', 'file']), null);
    assert.equal(paths.folderPath(['t', '..']), null);
  });

  it('keeps the deepest path of the longest names short enough, and distinct', () => {
    const paths = new SafePaths();
    const deep = Array.from({ length: MAX_PATH_DEPTH - 1 }, () => 'ü'.repeat(200));
    const seen = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const path = paths.add([...deep, 'ö'.repeat(200)]);
      assert.ok(bytesIn(path) + 5 <= MAX_PATH_BYTES, `${bytesIn(path)}`);
      assert.equal(path.split('/').length, MAX_PATH_DEPTH);
      seen.add(path);
    }
    assert.equal(seen.size, 50);
  });

  it('is distinct and contained for random hostile paths', () => {
    const random = new SeededRandom(9);
    const pool = ['a', 'A', 'a.part', '..', '.', '', 'a?', 'a*', 'a_', 'nul', 'a (2)', 'é', 'e\u0301', 'a '];
    pool.push('x'.repeat(260), `${'x'.repeat(260)}y`);
    for (let round = 0; round < 200; round++) {
      const paths = new SafePaths();
      const seen = new Set<string>();
      const folders = new Set<string>();
      for (let i = 0; i < 60; i++) {
        const parts = Array.from({ length: 1 + random.below(3) }, () => pool[random.below(pool.length)]!);
        const path = paths.add(parts);
        assert.equal(path.split('/').length, parts.length);
        for (const part of path.split('/')) {
          assert.ok(bytesIn(part) <= MAX_NAME_BYTES && part === safeName(part), JSON.stringify(part));
        }
        const folded = foldName(path);
        assert.ok(!seen.has(folded) && !seen.has(`${folded}.part`), path);
        seen.add(folded);
        seen.add(`${folded}.part`);
        const folder = path.split('/').slice(0, -1);
        for (let end = 1; end <= folder.length; end++) folders.add(foldName(folder.slice(0, end).join('/')));
      }
      for (const folder of folders) assert.ok(!seen.has(folder), folder);
    }
  });

  it('takes time in proportion to the number of paths, however alike they are', () => {
    // All three take a second; one that compared each with each would take minutes.
    const limitMs = 20_000;
    const started = performance.now();
    const honest = new SafePaths();
    for (let i = 0; i < 100_000; i++) honest.add(['t', `folder ${i % 300}`, `file ${i}.dat`]);
    const same = new SafePaths();
    for (let i = 0; i < 100_000; i++) same.add(['t', 'same name']);
    const alike = new SafePaths();
    for (let i = 0; i < 50_000; i++) {
      alike.add(['x'.repeat(244) + String(i).padStart(6, '0')]);
      alike.add(['x'.repeat(244) + String(i).padStart(6, '0')]);
    }
    const elapsedMs = performance.now() - started;
    assert.ok(elapsedMs < limitMs, `${elapsedMs} ms`);
  });
});
