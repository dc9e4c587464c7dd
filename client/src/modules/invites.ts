import type { RequestOptions } from '../graphql/document.ts'
import { DeclineInviteDocument, InviteAddedDocument } from '../graphql/generated/documents.ts'
import type { ChannelHandle } from '../handles/channel.ts'
import type { HandleContext } from '../handles/context.ts'
import { joinChannel } from '../handles/find-channel.ts'
import type { Invite, State } from '../store/state.ts'
import type { Module } from './types.ts'

/** The invites of the user that stand. */
export class Invites {
  readonly #context: HandleContext
  #known: State['invites'] | undefined
  #snapshot: readonly Invite[] = []

  constructor(context: HandleContext) {
    this.#context = context
    const { host } = context
    // Those that stand; those that come are also said by the user’s own events.
    host.subscribe(InviteAddedDocument, {}, ({ inviteAdded }) => host.apply([{ kind: 'invite', invite: inviteAdded }]))
  }

  /** Calls back after each change of the snapshot. Returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
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
}

/** Invites: `createClient({ modules: [invites()] }).invites`. With it `client.on('invite')` also says the invites that stood when the client began. */
export function invites(): Module<'invites', Invites> {
  return { name: 'invites', create: (context) => new Invites(context) }
}
