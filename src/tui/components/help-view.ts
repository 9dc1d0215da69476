/** Owns the view that explains the keys, and the letters that stand for how peers are. */
import { createElement as h, type ReactElement } from 'react';
import { helpRows } from '../lines/help-rows.ts';
import { viewRows } from '../lines/layout.ts';
import { DIM, span } from '../text/line.ts';
import { clamp, windowWords } from '../text/window.ts';
import { FramedView } from './framed-view.ts';
import type { Stage } from './stage.ts';

export function HelpView({ stage }: { readonly stage: Stage }): ReactElement {
  const lines = helpRows(stage.abilities, stage.session.torrents.length);
  const height = viewRows(stage.size);
  const first = clamp(stage.ui.positions.help, 0, Math.max(0, lines.length - height));
  return h(FramedView, {
    stage,
    name: 'spate',
    title: 'Help',
    note: windowWords(first, height, lines.length),
    head: [span('What the keys do. Sizes and rates are decimal: 1 MB is 1,000,000 bytes.', DIM)],
    lines: lines.slice(first),
  });
}
