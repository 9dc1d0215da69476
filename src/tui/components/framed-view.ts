/** Owns the frame of every view but the overview: name and title at the top, progress, the contents, the footer. */
import { Box } from 'ink';
import { createElement as h, type ReactElement } from 'react';
import { viewRows } from '../lines/layout.ts';
import { barLine } from '../lines/progress-lines.ts';
import { row, rows, titleRule } from '../text/frame.ts';
import { BOLD, DIM, type Line, span } from '../text/line.ts';
import { Footer } from './footer.ts';
import { Lines } from './lines.ts';
import type { Stage } from './stage.ts';

interface FramedViewProps {
  readonly stage: Stage;
  /** In the top rule, at the left. */
  readonly name: string;
  /** In the rule above the contents. */
  readonly title: string;
  /** At the right of that rule: what part of a long list is shown. */
  readonly note?: string;
  /** The line between the two rules. */
  readonly head: Line;
  readonly lines: readonly Line[];
}

export function FramedView({ stage, name, title, note, head, lines }: FramedViewProps): ReactElement {
  const { columns } = stage.size;
  const right = note === undefined || note === '' ? [] : [span(note, DIM)];
  const all: Line[] = [
    titleRule(columns, 'top', [span(name, BOLD)]),
    row(columns, head),
    titleRule(columns, 'middle', [span(title, BOLD)], right),
    ...rows(columns, lines, viewRows(stage.size)),
    titleRule(columns, 'bottom', []),
  ];
  return h(Box, { flexDirection: 'column' }, h(Lines, { stage, lines: all }), h(Footer, { stage }));
}

/** The head of a torrent's view: how far it is. */
export function progressHead({ size }: Stage, snapshot: Parameters<typeof barLine>[0]): Line {
  return barLine(snapshot, size.columns - 4);
}
