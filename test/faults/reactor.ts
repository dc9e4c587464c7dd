import { AddReactionDocument, RemoveReactionDocument } from '../../schema/generated/graphql.ts'
import { pickOne } from '../support/seeded-random.ts'
import type { Caller } from './caller.ts'

const reactions = ['👍', '🎉', 'party-parrot']

interface KnownReaction {
  readonly messageId: string
  readonly reaction: string
  wants: 'on' | 'off'
  isCertain: boolean
}

interface ReactorOptions {
  readonly identity: string
  readonly caller: Caller
  readonly random: () => number
  readonly messageIds: readonly string[]
  readonly accuse: (what: string) => void
}

/** A user that adds reactions to few messages and removes them, one after the other. */
export class Reactor {
  readonly identity: string
  readonly known: readonly KnownReaction[]
  readonly #options: ReactorOptions

  constructor(options: ReactorOptions) {
    this.#options = options
    this.identity = options.identity
    this.known = options.messageIds.flatMap((messageId) =>
      reactions.map((reaction) => ({ messageId, reaction, wants: 'off' as const, isCertain: true })),
    )
  }

  async react(): Promise<void> {
    const { random, caller, accuse } = this.#options
    const one = pickOne(this.known, random)!
    // What is not known is asked for again.
    if (one.isCertain) one.wants = one.wants === 'on' ? 'off' : 'on'
    one.isCertain = false
    const { messageId, reaction } = one
    const input = { messageId, reaction }
    const answer =
      one.wants === 'on'
        ? await caller.ask(AddReactionDocument, { input })
        : await caller.ask(RemoveReactionDocument, { input })
    if (answer.kind === 'refused') accuse(`a reaction answered ${answer.code}`)
    if (answer.kind !== 'data') return
    one.isCertain = true
    const { message } = 'addReaction' in answer.data ? answer.data.addReaction : answer.data.removeReaction
    const hasReacted = message.reactions.some((each) => each.reaction === reaction && each.viewerHasReacted)
    if (hasReacted !== (one.wants === 'on')) accuse(`a reaction that is ${one.wants} was answered otherwise`)
  }
}
