/** Owns the last line of every view. */
import { createElement as h, type ReactElement } from 'react';
import { footer } from '../lines/footer.ts';
import { Lines } from './lines.ts';
import type { Stage } from './stage.ts';

export function Footer({ stage }: { readonly stage: Stage }): ReactElement {
  const { session, ui, abilities, hasKeys, size } = stage;
  return h(Lines, { stage, lines: [footer(session, ui, abilities, hasKeys, size.columns)] });
}
