/** The end of a text that is being written: all that it has from `offset` on, in UTF-16 code units. */
export interface Piece {
  readonly offset: number
  readonly text: string
}

/** What is known of a text that is being written. */
export interface Streamed {
  /** What the stream has brought beyond what is known of the text, whose middle is to be read. */
  readonly ahead?: Piece
}
