/** The screen and its writer on a terminal on paper. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PaperTerminal } from '../../../test/tui/support/paper-terminal.ts';
import { Screen } from './screen.ts';
import { TerminalWriter } from './terminal-writer.ts';

function newScreen(): { paper: PaperTerminal; screen: Screen; drained: () => Promise<void> } {
  const paper = new PaperTerminal();
  let drained = Promise.withResolvers<void>();
  const screen = new Screen(new TerminalWriter(paper.writeSome, () => drained.resolve()));
  return {
    paper,
    screen,
    async drained() {
      // The timer of the writer does not keep a process alive, so the test does.
      const alive = setInterval(() => undefined, 1000);
      await drained.promise;
      clearInterval(alive);
      drained = Promise.withResolvers<void>();
    },
  };
}

test('frames go to the second screen, and the terminal is given back as it was', () => {
  const { paper, screen } = newScreen();
  screen.enter();
  assert.deepEqual([paper.isAlternate, paper.hasCursor, paper.wraps], [true, false, false]);
  screen.draw('one\ntwo\nthree');
  assert.deepEqual(paper.rows(), ['one', 'two', 'three']);
  screen.leave('done\n');
  assert.deepEqual([paper.isAlternate, paper.hasCursor, paper.wraps], [false, true, true]);
  assert.equal(paper.firstScreen, 'done\n');
});

test('only rows that changed are painted', () => {
  const { paper, screen } = newScreen();
  screen.enter();
  screen.draw(`${'x'.repeat(1000)}\nrate 1`);
  const before = paper.written;
  screen.draw(`${'x'.repeat(1000)}\nrate 2`);
  assert.ok(paper.written - before < 60);
  assert.equal(paper.rows()[1], 'rate 2');
  const same = paper.written;
  screen.draw(`${'x'.repeat(1000)}\nrate 2`);
  assert.equal(paper.written, same);
});

test('a frame with fewer rows clears the rest', () => {
  const { paper, screen } = newScreen();
  screen.enter();
  screen.draw('a\nb\nc');
  screen.draw('a');
  assert.deepEqual(paper.rows(), ['a', '', '']);
});

test('after somebody else wrote, everything is painted again', () => {
  const { paper, screen } = newScreen();
  screen.enter();
  screen.draw('a\nb');
  screen.invalidate();
  assert.deepEqual(paper.rows(), []);
  screen.draw('a\nb');
  assert.deepEqual(paper.rows(), ['a', 'b']);
});

test('a terminal that takes nothing gets no more frames, and the newest when it reads again', async () => {
  const { paper, screen, drained } = newScreen();
  screen.enter();
  screen.draw('old');
  paper.room = 5;
  screen.draw('half of this is not taken');
  assert.equal(screen.isBehind, true);
  for (let i = 0; i < 100; i++) screen.draw(`frame ${i}\n${'y'.repeat(5000)}`);
  paper.room = Number.POSITIVE_INFINITY;
  await drained();
  assert.equal(screen.isBehind, false);
  assert.deepEqual(paper.rows(), ['half of this is not taken'], 'what had begun arrives whole');
  screen.draw('new');
  assert.deepEqual(paper.rows(), ['new']);
  assert.ok(paper.written < 500);
});

test('leaving waits for a terminal that takes nothing, but not for long', () => {
  const { paper, screen } = newScreen();
  screen.enter();
  paper.room = 0;
  screen.draw('never seen');
  const start = performance.now();
  screen.leave('last words');
  const waited = performance.now() - start;
  assert.ok(waited >= 400 && waited < 3000, `${waited} ms`);
  assert.equal(screen.isEntered, false);
});

test('a terminal that is gone is no error', () => {
  const { paper, screen } = newScreen();
  screen.enter();
  paper.isGone = true;
  screen.draw('frame');
  screen.draw('another');
  screen.leave('last words');
  assert.equal(screen.isBehind, false);
});
