import fc from 'fast-check'

/** Three members, of whom the last only reads, and the backend. */
export const memberNumbers = [0, 1, 2] as const
export type MemberNumber = (typeof memberNumbers)[number]
export type Name = MemberNumber | 'backend'

/** A message that is counted in the slowest way: nothing is kept that can be looked up. */
export interface ModelMessage {
  readonly author: Name
  body: string
  version: number
  readonly parent: number | null
  readonly isShown: boolean
  readonly isSilent: boolean
  /** Members whom it names, without regard to who wrote it. */
  named: readonly MemberNumber[]
  namesAll: boolean
  isDeleted: boolean
  isPinned: boolean
  /** In the order of first use. */
  readonly reactions: Map<string, Set<MemberNumber>>
}

interface Following {
  isFollowed: boolean
  read: number
}

interface ModelMember {
  read: number
  readonly threads: Map<number, Following>
}

const reactionNames = ['👍', 'party'] as const
const place = fc.oneof(fc.nat(2), fc.nat(9))
const server = fc.nat(1)
const member = fc.constantFrom(0 as const, 1 as const)
const named = fc.subarray([...memberNumbers])

/** Something that happens; places are counted from the end. */
export const act = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      server,
      who: fc.constantFrom(0 as const, 1 as const, 'backend' as const),
      parent: fc.option(place, { freq: 3 }),
      isShown: fc.boolean(),
      isSilent: fc.constantFrom(false, false, true),
      named,
      /** Only the backend may. */
      namesAll: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      server,
      place,
      named: fc.option(named),
      namesAll: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('react' as const),
      server,
      place,
      who: member,
      reaction: fc.constantFrom(...reactionNames),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pin' as const), server, place }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), server, place }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('truncate' as const), server, place, purges: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), server, place, who: member }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('readThread' as const), server, place, who: member }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('readAll' as const), server, who: member }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('cut' as const), server }) },
)
export type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never
export type Doing<Kind extends Act['kind']> = Extract<Act, { readonly kind: Kind }>

/** A channel and what its members have read of it, message by message. */
export class Model {
  readonly messages: ModelMessage[] = []
  /** Messages before it are truncated. */
  first = 0
  /** Places of pinned messages, that which was pinned last is first. */
  pins: number[] = []
  readonly members: readonly ModelMember[] = memberNumbers.map(() => ({ read: -1, threads: new Map() }))

  /** The place that an act means; undefined where there is nothing. */
  placeOf(fromEnd: number): number | undefined {
    const index = this.messages.length - 1 - fromEnd
    return index >= this.first ? index : undefined
  }

  /** The message at a place, unless it is gone. */
  at(fromEnd: number): { readonly index: number; readonly message: ModelMessage } | undefined {
    const index = this.placeOf(fromEnd)
    const message = index === undefined ? undefined : this.messages[index]!
    return index === undefined || !message || message.isDeleted ? undefined : { index, message }
  }

  repliesOf(index: number): number[] {
    return this.kept().filter((one) => this.messages[one]!.parent === index && !this.messages[one]!.isDeleted)
  }

  kept(): number[] {
    return this.messages.map((_, index) => index).filter((index) => index >= this.first)
  }

  /** Those that have their place in the channel or a thread. */
  present(): number[] {
    return this.kept().filter((index) => !this.messages[index]!.isDeleted || this.repliesOf(index).length > 0)
  }

  shown(): number[] {
    return this.present().filter((index) => this.messages[index]!.isShown)
  }

  /** The message that a reply at this place would answer. */
  parentAt(fromEnd: number): number | undefined {
    const index = this.placeOf(fromEnd)
    if (index === undefined) return undefined
    const parent = this.messages[index]!.parent ?? index
    return this.present().includes(parent) ? parent : undefined
  }

  send(message: ModelMessage): void {
    const index = this.messages.push(message) - 1
    const { parent, author, named: whom } = message
    if (parent === null) return
    const original = this.messages[parent]!.author
    if (author !== 'backend') this.members[author]!.threads.set(parent, { isFollowed: true, read: index })
    if (original !== 'backend') this.#follow(original, parent, -1)
    for (const one of whom) if (one !== author) this.#follow(one, parent, index - 1)
  }

  #follow(who: MemberNumber, parent: number, read: number): void {
    const { threads } = this.members[who]!
    if (!threads.has(parent)) threads.set(parent, { isFollowed: true, read })
  }

  delete(index: number): void {
    const message = this.messages[index]!
    Object.assign(message, { isDeleted: true, isPinned: false, body: '', named: [], namesAll: false })
    message.reactions.clear()
    this.pins = this.pins.filter((pin) => pin !== index)
  }

  #horizon(who: MemberNumber): number {
    const own = this.messages.findLastIndex(({ author, isShown }) => author === who && isShown)
    return Math.max(this.members[who]!.read, own, this.first - 1)
  }

  /** What counts for a member: of others, neither deleted nor silent. */
  #counted(who: MemberNumber, after: number): number[] {
    return this.kept().filter((index) => {
      const { author, isDeleted, isSilent } = this.messages[index]!
      return index > after && author !== who && !isDeleted && !isSilent
    })
  }

  unread(who: MemberNumber): number[] {
    return this.#counted(who, this.#horizon(who)).filter((index) => this.messages[index]!.isShown)
  }

  unreadMentions(who: MemberNumber): number[] {
    return this.#counted(who, this.#horizon(who)).filter((index) => {
      const { named: whom, namesAll } = this.messages[index]!
      return namesAll || whom.includes(who)
    })
  }

  /** Followed threads by the place of what is replied to, and how many of their replies are unread. */
  threads(who: MemberNumber): Map<number, number> {
    return new Map(
      [...this.members[who]!.threads]
        .filter(([parent, { isFollowed }]) => isFollowed && parent >= this.first && this.repliesOf(parent).length > 0)
        .map(([parent, { read }]) => {
          const unread = this.#counted(who, read).filter((index) => this.messages[index]!.parent === parent)
          return [parent, unread.length] as const
        })
        .toSorted(([one], [other]) => one - other),
    )
  }

  readAll(who: MemberNumber): void {
    const self = this.members[who]!
    if (this.unread(who).length + this.unreadMentions(who).length > 0) self.read = this.messages.length - 1
    for (const [parent, following] of self.threads) {
      const newest = this.repliesOf(parent).at(-1)
      if (following.isFollowed && newest !== undefined) following.read = Math.max(following.read, newest)
    }
  }
}
