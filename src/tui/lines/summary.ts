/** Owns the sentences that stay in the scrollback when the screen is gone. Pure. */
import { errorLine } from '../../cli/sentences.ts';
import { printable } from '../../cli/terminal-text.ts';
import type { SessionModel } from '../data/session-model.ts';

/** Whole lines, errors marked as everywhere else. */
export function summaryLines(session: SessionModel): { readonly text: string; readonly isError: boolean }[] {
  const lines = session.torrents.flatMap(({ name, outcome }) =>
    outcome.map(({ sentence, isError }) => {
      const whole = `${printable(name)}: ${sentence}`;
      return { text: isError ? errorLine(whole) : `${whole}\n`, isError };
    }),
  );
  return [...lines, ...session.errors.map((error) => ({ text: errorLine(error), isError: true }))];
}
