/**
 * Owns where a person is in the views and how a key takes them elsewhere. Pure: state and key in, state and wish out.
 */
import { clamp } from '../text/window.ts';
import type { Abilities, Limits } from './steering.ts';

export type ViewName = 'overview' | 'peers' | 'files' | 'trackers' | 'pieces' | 'log' | 'help';

export type PeerOrder = 'rate' | 'progress' | 'endpoint' | 'client';

/** A limit that is being typed. */
export interface Prompt {
  readonly limit: keyof Limits;
  readonly text: string;
  /** What is wrong with it, after Enter. */
  readonly complaint: string | null;
}

export interface UiState {
  /** The list of torrents instead of one of them; only where there are several. */
  readonly isList: boolean;
  /** Index of the torrent that is shown, or chosen in the list. */
  readonly torrent: number;
  readonly view: ViewName;
  /** Where the help goes back to. */
  readonly viewBeforeHelp: ViewName;
  /** The chosen row of the files; the first row shown of the others; for the log, rows back from its end. */
  readonly positions: Readonly<Record<ViewName, number>>;
  readonly peerOrder: PeerOrder;
  readonly prompt: Prompt | null;
}

/** What is to be done in the world. */
export type Wish =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'repaint' }
  | { readonly kind: 'toggle-pause' }
  | { readonly kind: 'announce' }
  | { readonly kind: 'toggle-file' }
  | { readonly kind: 'change-priority'; readonly by: 1 | -1 }
  | {
      readonly kind: 'limit';
      readonly limit: keyof Limits;
      readonly bytesPerSecond: number;
    };

/** What a key can depend on. */
export interface KeyContext {
  readonly abilities: Abilities;
  readonly torrentCount: number;
  /** Rows that the present view has and that it shows at once. */
  readonly rowCount: number;
  readonly pageRows: number;
}

export interface KeyResult {
  readonly state: UiState;
  readonly wish: Wish | null;
}

const VIEW_KEYS: Readonly<Record<string, ViewName>> = {
  p: 'peers',
  f: 'files',
  t: 'trackers',
  m: 'pieces',
  l: 'log',
  '?': 'help',
};
const PEER_ORDERS: readonly PeerOrder[] = ['rate', 'progress', 'endpoint', 'client'];
/** Digits, a unit, and nothing that anybody needs more room for. */
const MAX_PROMPT_LENGTH = 12;
/** More than any line carries; the client refuses it. */
const MAX_RATE = 1e12;

export function firstState(torrentCount: number): UiState {
  return {
    isList: torrentCount > 1,
    torrent: 0,
    view: 'overview',
    viewBeforeHelp: 'overview',
    positions: { overview: 0, peers: 0, files: 0, trackers: 0, pieces: 0, log: 0, help: 0 },
    peerOrder: 'rate',
    prompt: null,
  };
}

/** What `key` does: a character, or a name like `up`, `enter`, `ctrl+c`. A key that means nothing changes nothing. */
export function onKey(state: UiState, key: string, context: KeyContext): KeyResult {
  const wish = GLOBAL_WISHES[key];
  if (wish !== undefined) return { state, wish };
  if (state.prompt !== null) return onPromptKey(state, state.prompt, key);
  if (key === 'q') return { state, wish: { kind: 'quit' } };
  if (key === '?' || state.view === 'help') return only(onHelpKey(state, key));
  const moved = onMoveKey(state, key, context);
  if (moved !== null) return only(moved);
  const steered = onSteeringKey(state, key, context.abilities);
  if (steered !== null) return steered;
  if (state.isList) return only(key === 'enter' || key === 'right' ? { ...state, isList: false } : state);
  return only(onViewKey(state, key, context));
}

const GLOBAL_WISHES: Readonly<Record<string, Wish>> = {
  'ctrl+c': { kind: 'quit' },
  'ctrl+z': { kind: 'suspend' },
  'ctrl+l': { kind: 'repaint' },
};

function only(state: UiState): KeyResult {
  return { state, wish: null };
}

function onHelpKey(state: UiState, key: string): UiState {
  if (state.view !== 'help') return { ...state, view: 'help', viewBeforeHelp: state.view };
  const isLeaving =
    key === '?' || key === 'escape' || key === 'enter' || key === 'backspace' || key === 'left';
  return isLeaving ? { ...state, view: state.viewBeforeHelp } : state;
}

function onViewKey(state: UiState, key: string, context: KeyContext): UiState {
  const view = VIEW_KEYS[key];
  // The key of a view that is open closes it, as does Escape.
  if (view !== undefined) return { ...state, view: view === state.view ? 'overview' : view };
  if (key === 's' && state.view === 'peers') {
    const next = (PEER_ORDERS.indexOf(state.peerOrder) + 1) % PEER_ORDERS.length;
    return { ...state, peerOrder: PEER_ORDERS[next]! };
  }
  if (key === 'escape' || key === 'backspace' || key === 'left') {
    if (state.view !== 'overview') return { ...state, view: 'overview' };
    return context.torrentCount > 1 ? { ...state, isList: true } : state;
  }
  if (key === 'tab') return { ...state, torrent: (state.torrent + 1) % context.torrentCount };
  return state;
}

function onMoveKey(state: UiState, key: string, context: KeyContext): UiState | null {
  const step = stepOf(key, context.pageRows, context.rowCount);
  if (step === null) return null;
  if (state.isList) return { ...state, torrent: clamp(state.torrent + step, 0, context.torrentCount - 1) };
  // The log grows at its end, so its position counts from there.
  const by = state.view === 'log' ? -step : step;
  const last =
    state.view === 'files' ? context.rowCount - 1 : Math.max(0, context.rowCount - context.pageRows);
  const position = clamp(clamp(state.positions[state.view], 0, last) + by, 0, Math.max(0, last));
  return { ...state, positions: { ...state.positions, [state.view]: position } };
}

function stepOf(key: string, pageRows: number, rowCount: number): number | null {
  const page = Math.max(1, pageRows - 1);
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    pageup: -page,
    pagedown: page,
    home: -rowCount,
    g: -rowCount,
    end: rowCount,
    G: rowCount,
  };
  return steps[key] ?? null;
}

function onSteeringKey(state: UiState, key: string, abilities: Abilities): KeyResult | null {
  const isFiles = state.view === 'files' && !state.isList;
  if (isFiles && abilities.canSelectFiles) {
    if (key === ' ') return { state, wish: { kind: 'toggle-file' } };
    if (key === '+') return { state, wish: { kind: 'change-priority', by: 1 } };
    if (key === '-') return { state, wish: { kind: 'change-priority', by: -1 } };
  }
  if (key === ' ' && abilities.canPause && !isFiles) return { state, wish: { kind: 'toggle-pause' } };
  if (key === 'a' && abilities.canAnnounce) return { state, wish: { kind: 'announce' } };
  if ((key === 'd' || key === 'u') && abilities.canLimit) {
    const limit = key === 'd' ? 'maxDownRate' : 'maxUpRate';
    return only({ ...state, prompt: { limit, text: '', complaint: null } });
  }
  return null;
}

function onPromptKey(state: UiState, prompt: Prompt, key: string): KeyResult {
  if (key === 'escape') return only({ ...state, prompt: null });
  if (key === 'backspace') {
    return only({ ...state, prompt: { ...prompt, text: prompt.text.slice(0, -1), complaint: null } });
  }
  if (key === 'enter') {
    const bytesPerSecond = parseLimit(prompt.text);
    if (bytesPerSecond === null) {
      return only({ ...state, prompt: { ...prompt, complaint: 'not a rate like 500k or 2.5M' } });
    }
    return {
      state: { ...state, prompt: null },
      wish: { kind: 'limit', limit: prompt.limit, bytesPerSecond },
    };
  }
  if (!/^[\d.kKmMgG]$/.test(key) || prompt.text.length >= MAX_PROMPT_LENGTH) return only(state);
  return only({ ...state, prompt: { ...prompt, text: prompt.text + key, complaint: null } });
}

/** Bytes a second of `500k`, `2.5M`, `1G` or a number alone; 0, which is no limit, for nothing; null for nonsense. */
export function parseLimit(text: string): number | null {
  if (text === '') return 0;
  const match = /^(\d+(?:\.\d+)?)([kKmMgG]?)$/.exec(text);
  if (match === null) return null;
  const unit = { '': 1, k: 1e3, m: 1e6, g: 1e9 }[match[2]!.toLowerCase()]!;
  const rate = Number(match[1]) * unit;
  if (rate > MAX_RATE) return null;
  // Below a byte a second nothing would ever flow, and 0 must be what the person wrote.
  return rate > 0 ? Math.max(1, Math.round(rate)) : 0;
}
