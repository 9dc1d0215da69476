/** Owns the last line of the screen: the keys that do something here, a question, or what the person should know. Pure. */
import type { SessionModel } from '../data/session-model.ts';
import type { Abilities } from '../data/steering.ts';
import type { UiState } from '../data/ui-state.ts';
import { DIM, fitLine, type Line, lineWidth, type Span, span } from '../text/line.ts';

interface Hint {
  readonly key: string;
  readonly word: string;
}

export function footer(
  session: SessionModel,
  ui: UiState,
  abilities: Abilities,
  hasKeys: boolean,
  columns: number,
): Line {
  if (ui.prompt !== null) return fitLine(promptLine(ui.prompt), columns);
  if (session.notice !== null) return fitLine([span(` ${session.notice}`, { color: 'yellow' })], columns);
  if (!hasKeys) return fitLine([span(' Ctrl+C stops; other keys need a terminal as input', DIM)], columns);
  return fitLine(hintLine(hintsFor(ui, abilities, session.torrents.length), columns), columns);
}

/** As many hints as fit: the first and the last two matter most. */
function hintLine(hints: readonly Hint[], columns: number): Line {
  const shown = [...hints];
  const draw = (): Span[] =>
    shown.flatMap(({ key, word }) => [span(' '), span(key, { color: 'cyan' }), span(` ${word} `, DIM)]);
  while (shown.length > 3 && lineWidth(draw()) > columns) shown.splice(shown.length - 3, 1);
  return draw();
}

function hintsFor(ui: UiState, abilities: Abilities, torrentCount: number): Hint[] {
  const hints: Hint[] = [];
  if (ui.view === 'help') return [{ key: 'Esc', word: 'back' }, QUIT];
  if (ui.isList) hints.push({ key: 'Enter', word: 'open' }, { key: '↑↓', word: 'choose' });
  else if (ui.view !== 'overview') hints.push({ key: 'Esc', word: 'back' }, ...viewHints(ui, abilities));
  else if (torrentCount > 1) hints.push({ key: 'Esc', word: 'list' });
  if (abilities.canPause && ui.view !== 'files') hints.push({ key: 'Space', word: 'pause' });
  if (!ui.isList) hints.push(...VIEW_HINTS.filter(({ word }) => word !== ui.view));
  if (abilities.canLimit) hints.push({ key: 'd u', word: 'limits' });
  return [...hints, { key: '?', word: 'help' }, QUIT];
}

const QUIT: Hint = { key: 'q', word: 'quit' };
const VIEW_HINTS: readonly Hint[] = [
  { key: 'p', word: 'peers' },
  { key: 'f', word: 'files' },
  { key: 't', word: 'trackers' },
  { key: 'm', word: 'pieces' },
  { key: 'l', word: 'log' },
];

function viewHints(ui: UiState, abilities: Abilities): Hint[] {
  if (ui.view === 'peers') return [{ key: 's', word: 'sort' }];
  if (ui.view === 'files' && abilities.canSelectFiles) {
    return [
      { key: 'Space', word: 'want' },
      { key: '+-', word: 'priority' },
    ];
  }
  return ui.view === 'trackers' && abilities.canAnnounce ? [{ key: 'a', word: 'ask now' }] : [];
}

function promptLine(prompt: NonNullable<UiState['prompt']>): Line {
  const what = prompt.limit === 'maxDownRate' ? 'download' : 'upload';
  const end = prompt.complaint ?? 'like 500k or 2.5M; empty for no limit; Esc: leave it';
  return [
    span(` Limit the ${what} to ${prompt.text}`, { bold: true }),
    span(' ', { inverse: true }),
    span(`  (${end})`, prompt.complaint === null ? DIM : { color: 'red' }),
  ];
}
