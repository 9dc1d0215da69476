/** Owns the one place where styled lines become Ink's text: rows of numbers on the sheet, which stand for the lines. */
import { Text } from 'ink';
import { createElement as h, type ReactElement } from 'react';
import type { Line } from '../text/line.ts';
import { paint } from '../text/paint.ts';
import type { Stage } from './stage.ts';

export function Lines({
  stage,
  lines,
}: {
  readonly stage: Stage;
  readonly lines: readonly Line[];
}): ReactElement {
  return h(Text, null, stage.sheet.put(paint(lines, stage.hasColors)));
}
