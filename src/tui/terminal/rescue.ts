/**
 * Owns giving the terminal back when the program ends in another way than it planned: by `process.exit`, by an exception
 * that nobody caught, by a signal that nobody else handles; and lending it to the shell while suspended.
 */

/** Signals that end a program, that the command does not handle itself, and after which code can still run. */
const DEADLY_SIGNALS = ['SIGQUIT', 'SIGABRT', 'SIGALRM', 'SIGUSR2', 'SIGVTALRM', 'SIGXCPU'] as const;

export interface RescueActions {
  /** Gives the terminal back; called more than once. */
  leave(): void;
  /** Takes the terminal again. */
  enter(): void;
}

export class Rescue {
  readonly #actions: RescueActions;
  readonly #listeners: readonly { readonly name: string; readonly listener: () => void }[];

  constructor(actions: RescueActions) {
    this.#actions = actions;
    const deadly = DEADLY_SIGNALS.map((name) => ({ name, listener: () => this.#dieOf(name) }));
    this.#listeners = [
      { name: 'exit', listener: () => actions.leave() },
      { name: 'SIGTSTP', listener: () => this.suspend() },
      { name: 'SIGCONT', listener: () => this.#resume() },
      ...deadly,
    ];
    for (const { name, listener } of this.#listeners) process.on(name, listener);
  }

  end(): void {
    for (const { name, listener } of this.#listeners) process.off(name, listener);
  }

  /** Stops the program as Ctrl+Z does outside of raw mode: with everything in the foreground. */
  suspend(): void {
    this.#actions.leave();
    const own = this.#listeners.find(({ name }) => name === 'SIGTSTP')!;
    process.off('SIGTSTP', own.listener);
    // Zero means the own process group: whoever started this and waits for it (npm) stops as well.
    process.kill(0, 'SIGTSTP');
  }

  #resume(): void {
    const own = this.#listeners.find(({ name }) => name === 'SIGTSTP')!;
    if (!process.listeners('SIGTSTP').includes(own.listener)) process.on('SIGTSTP', own.listener);
    this.#actions.enter();
  }

  /** Dies of the signal as if it had not been caught, so that whoever waits sees the right status. */
  #dieOf(signal: NodeJS.Signals): void {
    this.#actions.leave();
    this.end();
    process.kill(process.pid, signal);
  }
}
