/**
 * Sets whose entries expire unless they are renewed, so that the entries of a dead process disappear. Losing a set is harmless: the next
 * renewal fills it again. Each call ends within seconds; failures are logged.
 */
export interface ExpiringSet {
  /** Adds the entry to the set, or renews it, for so many milliseconds from now. */
  add(set: string, entry: string, milliseconds: number): Promise<void>
  remove(set: string, entry: string): Promise<void>
  /** Whether the set has an entry that has not expired. */
  isInhabited(set: string): Promise<boolean>
}
