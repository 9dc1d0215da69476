import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halfWidths, row, rule, splitRow, splitRule, titleRule } from './frame.ts';
import { lineWidth, plainText, span } from './line.ts';

test('a frame with titles and two halves', () => {
  const lines = [
    titleRule(40, 'top', [span('name')], [span('1 of 2')]),
    row(40, [span('one row')]),
    splitRule(40, 'middle', [[span('left')], [span('right')]], { above: false, below: true }),
    splitRow(40, [span('l')], [span('r')]),
    splitRule(40, 'middle', [[span('a')], [span('b')]], { above: true, below: true }),
    splitRule(40, 'bottom', [[], []], { above: true, below: false }),
    rule(40, 'bottom'),
  ];
  assert.deepEqual(lines.map(plainText), [
    '╭─ name ────────────────────── 1 of 2 ─╮',
    '│ one row                              │',
    '├─ left ───────────┬─ right ───────────┤',
    '│ l                │ r                 │',
    '├─ a ──────────────┼─ b ───────────────┤',
    '╰──────────────────┴───────────────────╯',
    '╰──────────────────────────────────────╯',
  ]);
});

test('every line of a frame is as wide as the screen, however long what is in it', () => {
  const long = [span('a very long title that does not fit, 日本語日本語日本語')];
  for (let columns = 12; columns < 120; columns++) {
    const halves = halfWidths(columns);
    assert.equal(halves.left + halves.right + 7, columns);
    for (const line of [
      titleRule(columns, 'top', long, long),
      titleRule(columns, 'middle', long),
      row(columns, long),
      splitRow(columns, long, long),
      splitRule(columns, 'middle', [long, long], { above: true, below: true }),
    ]) {
      assert.equal(lineWidth(line), columns, `${columns}: ${plainText(line)}`);
    }
  }
});
