/**
 * Owns the frame around the views: rules with titles in them, rows between borders, one or two columns wide. Pure.
 */
import { DIM, fitLine, type Line, lineWidth, PLAIN, type Span, span } from './line.ts';

export type RuleKind = 'top' | 'middle' | 'bottom';

const ENDS: Readonly<Record<RuleKind, readonly [string, string]>> = {
  top: ['╭', '╮'],
  middle: ['├', '┤'],
  bottom: ['╰', '╯'],
};

/** A title in a rule: it starts in column `at`; what does not fit before `end` is cut. */
export interface RuleTitle {
  readonly at: number;
  readonly end: number;
  readonly line: Line;
}

/** A crossing in a rule, in a column. */
export interface RuleJoint {
  readonly at: number;
  readonly glyph: '┬' | '┴' | '┼';
}

/** A horizontal rule of `columns` columns. Titles and joints are in order and do not overlap. */
export function rule(
  columns: number,
  kind: RuleKind,
  titles: readonly RuleTitle[] = [],
  joints: readonly RuleJoint[] = [],
): Line {
  const [left, right] = ENDS[kind];
  const pieces: { at: number; spans: Line; width: number }[] = joints.map(({ at, glyph }) => ({
    at,
    spans: [span(glyph, DIM)],
    width: 1,
  }));
  for (const { at, end, line } of titles) {
    const room = end - at - 2;
    if (room < 1 || line.length === 0) continue;
    const width = Math.min(lineWidth(line), room);
    pieces.push({ at, spans: [span(' '), ...fitLine(line, width), span(' ')], width: width + 2 });
  }
  pieces.sort((a, b) => a.at - b.at);
  const spans: Span[] = [span(left, DIM)];
  let column = 1;
  for (const piece of pieces) {
    spans.push(span('─'.repeat(Math.max(0, piece.at - column)), DIM), ...piece.spans);
    column = piece.at + piece.width;
  }
  spans.push(span('─'.repeat(Math.max(0, columns - 1 - column)) + right, DIM));
  return spans;
}

/** A rule with one title at its left and, optionally, one at its right. */
export function titleRule(columns: number, kind: RuleKind, left: Line, right: Line = []): Line {
  const rightWidth = right.length === 0 ? 0 : Math.min(lineWidth(right) + 2, Math.floor(columns / 2));
  const rightAt = columns - 2 - rightWidth;
  const titles = [{ at: 2, end: rightWidth === 0 ? columns - 2 : rightAt - 1, line: left }];
  if (rightWidth > 0) titles.push({ at: rightAt, end: columns - 2, line: right });
  return rule(columns, kind, titles);
}

/** `content` between borders, with a blank at either side. */
export function row(columns: number, content: Line): Line {
  return [span('│ ', DIM), ...fitLine(content, Math.max(0, columns - 4)), span(' │', DIM)];
}

/** The column of the border between two halves of `columns` columns. */
export function middleColumn(columns: number): number {
  return 1 + Math.floor((columns - 3) / 2);
}

/** The columns that {@link splitRow} leaves for the contents. */
export function halfWidths(columns: number): { readonly left: number; readonly right: number } {
  const middle = middleColumn(columns);
  return { left: middle - 3, right: columns - middle - 4 };
}

/** Two contents between borders, side by side. */
export function splitRow(columns: number, left: Line, right: Line): Line {
  const widths = halfWidths(columns);
  return [
    span('│ ', DIM),
    ...fitLine(left, widths.left),
    span(' │ ', DIM),
    ...fitLine(right, widths.right),
    span(' │', DIM),
  ];
}

/** A rule over or under two halves, each with its title. `above` and `below` say which sides are split there. */
export function splitRule(
  columns: number,
  kind: RuleKind,
  titles: readonly [Line, Line],
  sides: { readonly above: boolean; readonly below: boolean },
): Line {
  const middle = middleColumn(columns);
  const glyph = sides.above && sides.below ? '┼' : sides.above ? '┴' : '┬';
  const joints: RuleJoint[] = sides.above || sides.below ? [{ at: middle, glyph }] : [];
  return rule(
    columns,
    kind,
    [
      { at: 2, end: middle, line: titles[0] },
      { at: middle + 2, end: columns - 1, line: titles[1] },
    ],
    joints,
  );
}

/** Exactly `count` rows: the lines that are there, then empty ones. */
export function rows(columns: number, lines: readonly Line[], count: number): Line[] {
  return Array.from({ length: count }, (_, index) => row(columns, lines[index] ?? [span('', PLAIN)]));
}
