/** Wakes whoever has come to listen. Says nothing but that there is work; whoever misses it finds the work by itself. */
export class Bell {
  #listener: () => void = () => {}

  ring(): void {
    this.#listener()
  }

  onRing(listener: () => void): void {
    this.#listener = listener
  }
}
