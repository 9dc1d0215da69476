/**
 * Owns how the terminal's views word what has no form on the command line yet: ages and coming times, short, in one unit.
 * Pure.
 */
import { formatEta } from '../../cli/format.ts';

const JUST_NOW_MS = 5000;

/** `just now`, `12 s ago`, `1 min ago`, `3 h ago`. */
export function ageWords(ms: number): string {
  return ms < JUST_NOW_MS ? 'just now' : `${oneUnit(ms)} ago`;
}

/** `now`, `in 12 s`, `in 29 min`. */
export function comingWords(ms: number): string {
  return ms < 1000 ? 'now' : `in ${oneUnit(ms)}`;
}

/** Time left, or nothing where nothing is left or known: a guess that is no guess would only take room. */
export function etaWords(seconds: number | null): string {
  return seconds === null || seconds === 0 ? '' : formatEta(seconds);
}

/** `14:03:59` in the local time zone, from ISO 8601. */
export function clockWords(time: string): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

function oneUnit(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
