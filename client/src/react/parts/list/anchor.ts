'use client'
import { endPixels, rowElement, type Scrolling } from './scrolling.ts'

/**
 * Keeps in place what one looks at, whatever comes, goes or grows around it: the end while one is there, else the first row that is visible. Browsers’
 * own anchoring is not in Safari, and does not hold an end.
 */
export class Anchor implements Scrolling {
  #scroller: HTMLElement | null = null
  #visible: readonly (readonly [key: string, top: number])[] = []
  #isEndWanted = false
  #canFollow = true
  isAtEnd = true

  /** Begins with a scroller, whose rows have `data-key`. */
  attach(scroller: HTMLElement | null): void {
    this.#scroller = scroller
  }

  /** What is where now: after one has scrolled. */
  look(): void {
    const scroller = this.#scroller
    if (!scroller) return
    const { top, bottom } = scroller.getBoundingClientRect()
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight
    this.isAtEnd = this.#canFollow && below <= endPixels
    this.#visible = [...scroller.querySelectorAll<HTMLElement>('[data-key]')].flatMap((row) => {
      const place = row.getBoundingClientRect()
      return place.bottom > top && place.top < bottom ? [[row.dataset['key']!, place.top - top] as const] : []
    })
  }

  /** Puts what was looked at back where it was: after rows have come, gone or grown. */
  hold(): void {
    const scroller = this.#scroller
    if (!scroller) return
    if (this.isAtEnd) {
      scroller.scrollTop = scroller.scrollHeight
      return
    }
    const { top } = scroller.getBoundingClientRect()
    for (const [key, before] of this.#visible) {
      const row = rowElement(this.#scroller, key)
      if (!row) continue
      const moved = row.getBoundingClientRect().top - top - before
      if (Math.abs(moved) >= 1) scroller.scrollTop += moved
      return
    }
  }

  /** Rows have changed. `canFollow`: the newest message is the last of them, so that their end is the end. */
  changed(canFollow: boolean): void {
    if (this.#isEndWanted && canFollow) {
      this.#isEndWanted = false
      this.isAtEnd = true
    }
    this.hold()
    this.#canFollow = canFollow
  }

  /** The end is no longer followed: another place is about to be shown. */
  leaveEnd(): void {
    this.isAtEnd = false
    this.#isEndWanted = false
  }

  /** Goes to the end: now, or once the newest message is there. */
  toEnd(): void {
    this.#isEndWanted = !this.#canFollow
    this.isAtEnd = this.#canFollow
    if (this.isAtEnd) this.hold()
  }

  /** Brings a row to the middle. False when there is none with this key. */
  toRow(key: string): boolean {
    const row = rowElement(this.#scroller, key)
    if (!row) return false
    this.#isEndWanted = false
    row.scrollIntoView({ block: 'center' })
    this.look()
    return true
  }

  keep(key: string): void {
    this.leaveEnd()
    const row = rowElement(this.#scroller, key)
    if (!row || !this.#scroller) return
    const { top } = this.#scroller.getBoundingClientRect()
    const isAbove = row.getBoundingClientRect().top < top
    const held = isAbove ? row.nextElementSibling : row
    const heldKey = held?.getAttribute('data-key')
    this.#visible = held && heldKey ? [[heldKey, held.getBoundingClientRect().top - top]] : []
  }
}
