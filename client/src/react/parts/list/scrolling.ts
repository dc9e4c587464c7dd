'use client'
/** So near to the end, in pixels, one is at it. */
export const endPixels = 48

/** Moves a list, however its rows are laid out. */
export interface Scrolling {
  /** Whether its end is followed. */
  readonly isAtEnd: boolean
  /** The end is no longer followed: another place is about to be shown. */
  leaveEnd(): void
  /** Goes to the end: now, or once the newest message is there. */
  toEnd(): void
  /** Brings a row to the middle. False when there is none with this key. */
  toRow(key: string): boolean
  /** A row is about to change its height by the reader’s hand: it stays where it is, or what follows it does where it begins above the view. */
  keep(key: string): void
}

/** The element of a row, which has its key. */
export const rowElement = (scroller: Element | null, key: string): HTMLElement | null =>
  scroller?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null
