/**
 * The seam between the engine and the clock.
 *
 * Contract:
 * 1. `now` is monotonic and constant while a turn or an input callback runs.
 * 2. After `requestTurn` the handler's `onTurn` runs once, after the inputs that are ready now; further
 *    requests before it runs change nothing. It never runs inside another call into the engine.
 * 3. After `wakeAt(at)` a turn runs at or soon after `at`, unless a later `wakeAt` replaced it; Infinity cancels.
 */

/** Called once a turn. */
export interface TurnHandler {
  onTurn(): void;
}

export interface Time {
  /** Milliseconds since an arbitrary origin. */
  now(): number;
  /** Milliseconds since 1970, for what is stored or shown; never for deciding. */
  wallClock(): number;
  /** Whose turns these are. Called once, before anything else. */
  bind(handler: TurnHandler): void;
  requestTurn(): void;
  wakeAt(at: number): void;
}
