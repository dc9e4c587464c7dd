'use client'
import type { VirtualItem, Virtualizer as CoreVirtualizer } from '@tanstack/react-virtual'
import type { MessageRow } from '../../../store/rows.ts'
import { endPixels, type Scrolling } from './scrolling.ts'

type Virtualizer = CoreVirtualizer<HTMLElement, HTMLElement>

/** Moves a virtual list. The virtualizer holds what is looked at while rows come, go and grow; this adds the end, which it loses where sizes come late. */
export class VirtualScrolling implements Scrolling {
  #virtualizer: Virtualizer | undefined
  #rows: readonly MessageRow[] = []
  #size = 0
  #canFollow = true
  #isEndWanted = false
  #kept: string | null = null
  isAtEnd = true

  /** After each rendering. `canFollow`: the newest message is the last of the rows, so that their end is the end. */
  rendered(virtualizer: Virtualizer, rows: readonly MessageRow[], canFollow: boolean): void {
    this.#virtualizer = virtualizer
    virtualizer.shouldAdjustScrollPositionOnItemSizeChange = this.#isHeld
    this.#rows = rows
    this.#canFollow = canFollow
    const [size, before] = [virtualizer.getTotalSize(), this.#size]
    this.#size = size
    if (this.#isEndWanted && canFollow) return this.toEnd()
    // Where it stands is asked too: after a jump the news of the scrolling comes later than the sizes of what is there.
    if (size !== before && this.isAtEnd && canFollow && this.#below(before) <= endPixels) virtualizer.scrollToEnd()
  }

  /** The list has another height, as with a keyboard: its end stays. */
  resized(): void {
    if (this.isAtEnd && this.#canFollow) this.#virtualizer?.scrollToEnd()
  }

  /** Looks where it is now: after it was scrolled. */
  look(): void {
    const height = this.#virtualizer?.scrollElement?.scrollHeight
    this.isAtEnd = this.#canFollow && (height === undefined || this.#below(height) <= endPixels)
  }

  leaveEnd(): void {
    this.isAtEnd = false
    this.#isEndWanted = false
  }

  toEnd(): void {
    this.#isEndWanted = !this.#canFollow
    this.isAtEnd = this.#canFollow
    if (this.isAtEnd) this.#virtualizer?.scrollToEnd()
  }

  toRow(key: string): boolean {
    const place = this.#rows.findIndex((row) => row.key === key)
    if (place < 0) return false
    this.leaveEnd()
    this.#virtualizer?.scrollToIndex(place, { align: 'center' })
    this.look()
    return true
  }

  keep(key: string): void {
    this.leaveEnd()
    const virtualizer = this.#virtualizer
    const item = virtualizer?.getVirtualItems().find((one) => one.key === key)
    // One that begins in the view stays by itself.
    this.#kept = item && item.start < (virtualizer?.scrollOffset ?? 0) ? key : null
  }

  /**
   * Whether what follows a row stays where it is while the row changes its height. The virtualizer’s own rule is the same but for rows that grow
   * while one scrolls upwards, as when a picture arrives: these would move what is read.
   */
  readonly #isHeld = ({ key, start, end }: VirtualItem, _: number, { itemSizeCache, scrollOffset }: Virtualizer) => {
    if (key === this.#kept) {
      this.#kept = null
      return true
    }
    return itemSizeCache.has(key) ? end <= (scrollOffset ?? 0) : start < (scrollOffset ?? 0)
  }

  /** How far the end of a list of this height is below the view. */
  #below(height: number): number {
    const element = this.#virtualizer?.scrollElement
    return element ? height - element.scrollTop - element.clientHeight : 0
  }
}
