import type { RequestOptions } from '../graphql/document.ts'
import { DeclineInviteDocument, InviteAddedDocument } from '../graphql/generated/documents.ts'
import type { Invite, State } from '../store/state.ts'
import type { ChannelHandle } from './channel.ts'
import type { HandleContext } from './context.ts'
import { joinChannel } from './find-channel.ts'

/** The invites of the user that stand. They are followed from the first use on. */
export class Invites {
  readonly #context: HandleContext
  #isFollowed = false
  #known: State['invites'] | undefined
  #snapshot: readonly Invite[] = []

  constructor(context: HandleContext) {
    this.#context = context
  }

  /** Calls back after each change of the snapshot. Returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.follow()
    let { invites } = this.#context.store.getSnapshot()
    return this.#context.store.subscribe(() => {
      const now = this.#context.store.getSnapshot().invites
      if (now === invites) return
      invites = now
      listener()
    })
  }

  /** In the order in which they came. */
  readonly getSnapshot = (): readonly Invite[] => {
    const { invites } = this.#context.store.getSnapshot()
    if (invites !== this.#known) {
      this.#known = invites
      this.#snapshot = [...invites.values()]
    }
    return this.#snapshot
  }

  /** Joins the channel. */
  accept({ channel }: Invite, options?: RequestOptions): Promise<ChannelHandle> {
    return joinChannel(this.#context, channel.id, options)
  }

  /** Declines the invite, which then stands no longer. */
  async decline({ channel, id }: Invite, options?: RequestOptions): Promise<void> {
    const { host } = this.#context
    await host.request(DeclineInviteDocument, { input: { channelId: channel.id } }, options)
    host.apply([{ kind: 'inviteGone', id }])
  }

  /** Asks for the invites that stand; those that come are said by the user’s own events. */
  follow(): void {
    if (this.#isFollowed) return
    this.#isFollowed = true
    const { host } = this.#context
    host.subscribe(InviteAddedDocument, {}, ({ inviteAdded }) => host.apply([{ kind: 'invite', invite: inviteAdded }]))
  }
}
