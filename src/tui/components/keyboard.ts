/** Owns the way from Ink's input to names of keys: a character, or a word like `up` or `ctrl+c`. Draws nothing. */
import { type Key, useInput } from 'ink';

export interface KeyboardProps {
  readonly isActive: boolean;
  readonly onKey: (key: string) => void;
}

export function Keyboard({ isActive, onKey }: KeyboardProps): null {
  useInput(
    (input, key) => {
      for (const name of keyNames(input, key)) onKey(name);
    },
    { isActive },
  );
  return null;
}

const NAMED = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  // Many terminals send DEL for the key that deletes backwards.
  ['delete', 'backspace'],
] as const satisfies readonly (readonly [keyof Key, string])[];
/** Keys that came in one go, pasted or typed faster than read; more is no typing. */
const MAX_KEYS_AT_ONCE = 32;

/** The names of what Ink reports as one input. */
export function keyNames(input: string, key: Key): string[] {
  for (const [property, name] of NAMED) if (key[property] === true) return [name];
  if (key.ctrl) return input.length === 1 ? [`ctrl+${input}`] : [];
  return key.meta ? [] : [...input].slice(0, MAX_KEYS_AT_ONCE).map(nameOfCharacter);
}

/** Control characters that arrive among others are those of their keys. */
function nameOfCharacter(character: string): string {
  if (character === '\r' || character === '\n') return 'enter';
  const code = character.charCodeAt(0);
  return code >= 1 && code <= 26 ? `ctrl+${String.fromCharCode(code + 96)}` : character;
}
