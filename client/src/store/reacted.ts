/** One kind of reaction to a message. */
export interface ReactionGroup {
  /** An emoji, or a name that the application gives a picture. */
  readonly reaction: string
  /** How many users have it. */
  readonly count: number
  /** Whether the user has it; left out while that is not known. */
  readonly viewerHasReacted?: boolean
}

/** What is known of the reactions to a message. They have a number of their own, since an event of them has nothing else of the message. */
export interface Reacted {
  /** In the order of their first use; left out where they were not read. */
  readonly reactions?: readonly ReactionGroup[]
  /** The number of the channel as of which they are known; the message’s revision where it is left out. */
  readonly reactionsAt?: number
  /** What the user itself has may be something else: it is to be read again. */
  readonly isOwnStale?: true
}
