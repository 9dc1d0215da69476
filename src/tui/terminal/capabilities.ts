/** Owns what a terminal can do, as far as its environment tells. Pure. */

export interface Capabilities {
  /** It can be painted on at all: it moves its cursor and has a second screen. */
  readonly hasScreen: boolean;
  readonly hasColors: boolean;
  readonly hasUnicode: boolean;
}

/** Terminals that only print, or whose second screen cannot be counted on. */
const WITHOUT_SCREEN = /^(?:dumb|unknown|emacs|network)?$/;
const WITHOUT_COLORS = /^vt\d|-m(?:ono)?$/;
/** The Linux console has a font of 256 or 512 glyphs, and the blocks that bars are made of are not among them. */
const WITHOUT_GLYPHS = /^linux|^vt\d/;

/** By the environment variables `TERM`, `NO_COLOR` and those of the locale. */
export function capabilitiesOf(environment: Readonly<Record<string, string | undefined>>): Capabilities {
  const term = environment['TERM'] ?? '';
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  return {
    hasScreen: !WITHOUT_SCREEN.test(term),
    // An empty NO_COLOR does not count (no-color.org).
    hasColors: (environment['NO_COLOR'] ?? '') === '' && !WITHOUT_COLORS.test(term),
    hasUnicode: /utf-?8/i.test(locale) && !WITHOUT_GLYPHS.test(term),
  };
}
