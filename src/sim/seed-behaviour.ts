/**
 * Owns how a scripted seed behaves: honest unless it is told otherwise.
 */

/** Where a seed falls silent: never; after accepting; after its handshake and pieces (never unchokes); after unchoking. */
export type Silence = 'never' | 'at-once' | 'choking' | 'when-asked';

export interface SeedBehaviour {
  readonly silence: Silence;
  /** One block in so many has a wrong byte; 0 is none. */
  readonly corruptOneIn: number;
  /** It dies when it has sent so many blocks. */
  readonly diesAfterBlocks: number;
  /** `killed`: its system resets the connections. `vanished`: the machine goes dark. */
  readonly death: 'killed' | 'vanished';
  /** It thinks so long before each block. */
  readonly blockDelayMs: number;
  /** It speaks the fast extension (BEP 6). */
  readonly fast: boolean;
}

export const HONEST: SeedBehaviour = {
  silence: 'never',
  corruptOneIn: 0,
  diesAfterBlocks: Number.POSITIVE_INFINITY,
  death: 'killed',
  blockDelayMs: 0,
  fast: true,
};
