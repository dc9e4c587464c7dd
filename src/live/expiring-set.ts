/**
 * Sets whose entries vanish unless they are renewed, so that what a process has said of itself ends with it. Holds nothing that
 * may not be lost: an emptied set fills again with the next renewal. Each call ends within seconds; one that fails has said so in
 * the log.
 */
export interface ExpiringSet {
  /** Adds the entry to the set, or renews it, for so many milliseconds from now. */
  add(set: string, entry: string, milliseconds: number): Promise<void>
  remove(set: string, entry: string): Promise<void>
  /** Whether the set has an entry that has not expired. */
  isInhabited(set: string): Promise<boolean>
}
