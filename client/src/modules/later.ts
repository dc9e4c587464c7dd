import type { RequestOptions } from '../graphql/document.ts'
import {
  CancelScheduledMessageDocument,
  LaterDocument,
  LaterEventsDocument,
  ScheduleMessageDocument,
  UpdateScheduledMessageDocument,
} from '../graphql/generated/documents.ts'
import type { LaterEventsSubscription, LaterQuery, UpdateScheduledMessageInput } from '../graphql/generated/types.ts'
import type { HandleContext } from '../handles/context.ts'
import { Listeners } from '../listeners.ts'
import { nothing, optionsOf, type Draft, type DraftContent, type DraftPlace, type TakenDraft } from './later-draft.ts'
import { Drafts } from './later-drafts.ts'
import { Saved, type SavedMessage } from './later-saved.ts'
import type { Module } from './types.ts'

type Read = NonNullable<LaterQuery['viewer']>

export type ScheduledMessage = NonNullable<Read['scheduledMessages']>['nodes'][number]
type LaterEvent = LaterEventsSubscription['viewerEvents']

export type { Draft, DraftContent, DraftPlace, Drafts, SavedMessage, TakenDraft }

export interface LaterSnapshot {
  /** What the user is writing, by the SID of the channel, or of the message whose thread it is in. */
  readonly drafts: ReadonlyMap<string, Draft>
  /** What waits and what has failed, by time. */
  readonly scheduled: readonly ScheduledMessage[]
  /** What was saved last first; the newest 50, what was saved since, and what `loadMoreSaved` has read. */
  readonly saved: readonly SavedMessage[]
  readonly hasMoreSaved: boolean
}

/** From the call of `sendNow`, so that the time has not passed when the server hears of it. */
const soonMilliseconds = 2000

/** What the user keeps for itself, the same on all of its devices. */
export class Later {
  readonly #context: HandleContext
  /** What the user is writing. */
  readonly drafts: Drafts
  readonly #listeners = new Listeners()
  #scheduled: ReadonlyMap<string, ScheduledMessage> = new Map()
  readonly #saved: Saved
  #snapshot: LaterSnapshot | undefined
  /** Events that wait for a reading that began before them. */
  #early: LaterEvent[] | undefined
  #reading = 0

  constructor(context: HandleContext) {
    this.#context = context
    this.drafts = new Drafts(context, () => void this.#readAll())
    this.drafts.subscribe(() => this.#changed())
    this.#saved = new Saved(context, () => this.#changed())
    context.host.subscribe(LaterEventsDocument, {}, ({ viewerEvents }) => this.#receive(viewerEvents))
  }

  /** Calls back after each change of the snapshot. Returns the function that ends it. */
  readonly subscribe = this.#listeners.add

  readonly getSnapshot = (): LaterSnapshot =>
    (this.#snapshot ??= {
      drafts: this.drafts.all,
      scheduled: [...this.#scheduled.values()]
        .filter(({ state }) => state !== 'SENT' && state !== 'CANCELLED')
        .toSorted((one, other) => Date.parse(one.sendAt) - Date.parse(other.sendAt) || (one.id < other.id ? -1 : 1)),
      saved: this.#saved.list,
      hasMoreSaved: this.#saved.hasMore,
    })

  /**
   * Schedules a message, at most a year ahead, in the place of the draft of its channel or thread that says the same. What is given of a draft beside the text
   * is sent with it.
   */
  async schedule(
    place: DraftPlace,
    message: string | (Partial<DraftContent> & Pick<DraftContent, 'body'>),
    sendAt: Date,
    options?: RequestOptions,
  ): Promise<ScheduledMessage> {
    const { env, host } = this.#context
    const { channelId, parentId } = place
    const content = { ...nothing, ...(typeof message === 'string' ? { body: message } : message) }
    const { body } = content
    const input = {
      channelId,
      parentId,
      body,
      ...optionsOf(content),
      sendAt: sendAt.toISOString(),
      clientMessageId: env.createId(),
    }
    const { scheduleMessage } = await host.request(ScheduleMessageDocument, { input }, options)
    // What is being written by then may be the next one.
    if (this.drafts.get(place).trim() === body.trim()) this.drafts.write(place, '')
    return this.#putScheduled(scheduleMessage!.scheduledMessage)
  }

  /** Changes a message that waits, or schedules again one that has failed. CONFLICT once it is being sent. */
  async reschedule(
    scheduledMessageId: string,
    change: Pick<UpdateScheduledMessageInput, 'body' | 'sendAt' | 'expectedVersion'>,
    options?: RequestOptions,
  ): Promise<ScheduledMessage> {
    const input = { scheduledMessageId, ...change }
    const { updateScheduledMessage } = await this.#context.host.request(
      UpdateScheduledMessageDocument,
      { input },
      options,
    )
    return this.#putScheduled(updateScheduledMessage!.scheduledMessage)
  }

  /** Cancels a message that waits, or takes one that has failed off the list. */
  async cancel(scheduledMessageId: string, options?: RequestOptions): Promise<void> {
    const input = { scheduledMessageId }
    const { cancelScheduledMessage } = await this.#context.host.request(
      CancelScheduledMessageDocument,
      { input },
      options,
    )
    this.#putScheduled(cancelScheduledMessage!.scheduledMessage)
  }

  /** Sends a message that waits, or one that has failed, now: within seconds, as at its time. */
  sendNow(scheduledMessageId: string, options?: RequestOptions): Promise<ScheduledMessage> {
    const { env, store } = this.#context
    const sendAt = new Date(env.clock.now() + store.getSnapshot().clockAhead + soonMilliseconds)
    return this.reschedule(scheduledMessageId, { sendAt: sendAt.toISOString() }, options)
  }

  /** Saves a message, by its SID. It shows at once, and no longer where it fails. `remindAt` null removes the reminder; left out, it stays. */
  save(messageId: string, remindAt?: Date | null, options?: RequestOptions): Promise<SavedMessage> {
    return this.#saved.save(messageId, remindAt, options)
  }

  /** Takes a message out of the saved ones, with its reminder, as `save` puts it there. */
  unsave(messageId: string, options?: RequestOptions): Promise<void> {
    return this.#saved.unsave(messageId, options)
  }

  /** Reads the next 50 saved messages, where `hasMoreSaved`. */
  loadMoreSaved(options?: RequestOptions): Promise<void> {
    return this.#saved.more(options)
  }

  #receive(event: LaterEvent): void {
    if (event.__typename === 'Ready' || event.__typename === 'ViewerGap') void this.#readAll()
    else if (this.#early) this.#early.push(event)
    else this.#apply(event)
  }

  /** At each connection, since what happened between two is not heard. */
  async #readAll(): Promise<void> {
    const turn = ++this.#reading
    this.#early = []
    try {
      const { host } = this.#context
      // Together they would cost more than one operation may.
      const [{ viewer }, saved] = await Promise.all([host.request(LaterDocument, {}), this.#saved.read()])
      if (turn !== this.#reading) return
      const { drafts, scheduledMessages } = viewer!
      this.drafts.replace(drafts?.nodes ?? [])
      this.#scheduled = new Map(scheduledMessages?.nodes.map((one) => [one.id, one]))
      this.#saved.replace(saved)
    } catch (error) {
      // The next connection reads again.
      this.#context.log.write('warn', 'what is kept for later was not read', error)
    }
    if (turn !== this.#reading) return
    const early = this.#early
    this.#early = undefined
    for (const event of early) this.#apply(event)
    this.#changed()
  }

  #apply(event: LaterEvent): void {
    const { __typename: type } = event
    if (type === 'ViewerDraftSaved') this.drafts.receive(event.draft)
    else if (type === 'ViewerDraftRemoved') this.drafts.remove(event)
    else if (type === 'ViewerScheduledMessageUpdated') this.#putScheduled(event.scheduledMessage)
    else if (type === 'ViewerMessageSaved' || type === 'ViewerReminderDue') this.#saved.put(event.savedMessage)
    else if (type === 'ViewerMessageUnsaved') this.#saved.remove(({ messageId }) => messageId === event.messageId)
    else if (type === 'ViewerChannelLeft') {
      this.#saved.remove(({ channelId }) => channelId === event.channelId)
      this.drafts.leave(event.channelId)
    }
  }

  /** Of two readings the one with the higher version stays: what was sent or cancelled is known until all is read again. */
  #putScheduled(scheduled: ScheduledMessage): ScheduledMessage {
    if ((this.#scheduled.get(scheduled.id)?.version ?? 0) > scheduled.version) return scheduled
    this.#scheduled = new Map(this.#scheduled).set(scheduled.id, scheduled)
    this.#changed()
    return scheduled
  }

  #changed(): void {
    this.#snapshot = undefined
    this.#listeners.notify()
  }
}

/** Drafts, scheduled and saved messages: `createClient({ modules: [later()] }).later`. */
export function later(): Module<'later', Later> {
  return { name: 'later', create: (context) => new Later(context) }
}
