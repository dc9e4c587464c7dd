type Listeners<Events> = { [Name in keyof Events]?: Set<(payload: Events[Name]) => void> }

/** Calls listeners by the name of an event. A listener that throws stops no other. */
export class Emitter<Events> {
  readonly #listeners: Listeners<Events> = {}
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Returns the function that takes the listener away again. */
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void {
    const listeners = (this.#listeners[name] ??= new Set())
    // The same function may listen twice.
    const own = (payload: Events[Name]): void => listener(payload)
    listeners.add(own)
    return () => listeners.delete(own)
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    for (const listener of this.#listeners[name] ?? []) {
      try {
        listener(payload)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
