/** Values by time. Null is what is not known, which is drawn as a gap. */
export interface Line {
  readonly name: string
  readonly values: readonly (number | null)[]
}
