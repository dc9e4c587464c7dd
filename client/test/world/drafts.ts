import { ChatError } from '../../src/errors.ts'
import { DeleteDraftDocument, SaveDraftDocument } from '../../src/graphql/generated/documents.ts'
import type { DeleteDraftInput, SaveDraftInput } from '../../src/graphql/generated/types.ts'
import { Log } from '../../src/log.ts'
import { draftKey, type DraftPlace, type SavedDraft } from '../../src/modules/later-draft.ts'
import { Drafts } from '../../src/modules/later-drafts.ts'
import type { OutboxItem } from '../../src/store/state.ts'
import { Store } from '../../src/store/store.ts'
import { messageChange } from '../../src/store/thread.ts'
import { joined } from './device.ts'
import { channelId } from './server.ts'
import { ScriptedTab, type World } from './world.ts'

interface Sent {
  readonly clientMessageId: string
  readonly body: string
  readonly isReply: boolean
}

/** What arrives in an order of its own: what the user's stream and the channels' say, and the answers. */
type Stream = 'user' | 'channels' | `answer ${number}`

interface Row {
  readonly draft: SavedDraft
  readonly isRemoved: boolean
}

/** Where there may be drafts: in the channel, and in a thread. */
export const places: readonly DraftPlace[] = [
  { channelId, parentId: null },
  { channelId, parentId: 'IM1' },
]

/** What the server has of the drafts, naively. */
export class DraftServer {
  readonly devices: DraftDevice[] = []
  readonly messages: Sent[] = []
  /** Each text that was saved or sent. */
  readonly texts = new Set<string>()
  /** Who has replaced what it never showed. */
  readonly silent: string[] = []
  readonly #rows = new Map<string, Row>()

  /** Those that are there. */
  get drafts(): SavedDraft[] {
    return [...this.#rows.values()].flatMap(({ draft }) => this.find(draft) ?? [])
  }

  find(place: DraftPlace): SavedDraft | undefined {
    const row = this.#rows.get(draftKey(place))
    const isSent = this.messages.some(({ clientMessageId }) => clientMessageId === row?.draft.clientMessageId)
    return row?.isRemoved || isSent ? undefined : row?.draft
  }

  save(device: DraftDevice, input: SaveDraftInput): SavedDraft {
    const { body, clientMessageId, expectedVersion, mentions, quotedMessageId = null, showInChannel } = input
    const { parentId = null } = input
    const key = draftKey(input)
    this.#check(device, input, expectedVersion, body)
    const draft = {
      channelId,
      parentId,
      body,
      clientMessageId,
      mentionedIdentities: mentions?.identities ?? [],
      mentionsChannel: mentions?.channel ?? false,
      quotedMessageId,
      showInChannel: showInChannel ?? false,
      version: (this.#rows.get(key)?.draft.version ?? 0) + 1,
    }
    this.#rows.set(key, { draft, isRemoved: false })
    this.texts.add(body)
    this.#tell('user', (each) => each.receive(({ drafts }) => drafts.receive(draft)))
    return draft
  }

  remove(device: DraftDevice, input: DeleteDraftInput): void {
    this.#check(device, input, input.expectedVersion, '')
    const draft = this.find(input)
    if (!draft) return
    this.#rows.set(draftKey(input), { draft, isRemoved: true })
    this.#tell('user', (each) => each.receive(({ drafts }) => drafts.remove(draft)))
  }

  send(sent: Sent): void {
    if (this.messages.some(({ clientMessageId }) => clientMessageId === sent.clientMessageId)) return
    this.messages.push(sent)
    this.texts.add(sent.body)
    this.#tell('channels', (each) => each.showMessages())
  }

  #check(device: DraftDevice, place: DraftPlace, expected: number | null | undefined, body: string): void {
    const { version: current = 0, body: before = '' } = this.find(place) ?? {}
    if (expected !== current) throw new ChatError('CONFLICT', 'changed', { currentVersion: current })
    if (!device.shown.has(before) && !body.startsWith(before)) this.silent.push(`${before} by ${body}`)
  }

  #tell(stream: Stream, what: (device: DraftDevice) => void): void {
    for (const device of this.devices) device.hear(stream, () => what(device))
  }
}

/** A device of the user with one tab. */
export class DraftDevice {
  readonly drafts: Drafts
  /** What its user has seen. */
  readonly shown = new Set<string>([''])
  /** How long an answer is on its way beyond what a stream says. */
  answerMilliseconds = 0
  readonly #tab: ScriptedTab
  readonly #world: World
  readonly #server: DraftServer
  readonly #store: Store
  readonly #outbox: Sent[] = []
  readonly #open = new Set<(error: Error) => void>()
  #answers = 0
  #connection: object | undefined
  #early: (() => void)[] | undefined

  constructor(world: World, server: DraftServer, name: string) {
    this.#world = world
    this.#server = server
    this.#tab = new ScriptedTab(world, name)
    const env = this.#tab.env()
    this.#store = new Store({
      onError: (error) => {
        throw error
      },
    })
    this.#store.apply([joined])
    const host = {
      isLeader: true,
      apply: (changes: Parameters<Store['apply']>[0]) => this.#store.apply(changes),
      request: (document: string, { input }: { readonly input: SaveDraftInput }) => this.#request(document, input),
    }
    const context = { env, log: new Log(env.clock.now), store: this.#store, owner: [name], host }
    this.drafts = new Drafts(context as never, () => this.#read())
    this.drafts.subscribe(() => this.#look())
    server.devices.push(this)
  }

  text(place: DraftPlace): string {
    return this.drafts.get(place)
  }

  quoted(place: DraftPlace): string | null {
    return this.drafts.find(place)?.quotedMessageId ?? null
  }

  theirs(place: DraftPlace): string | null {
    return this.drafts.find(place)?.theirs ?? null
  }

  connect(): void {
    if (this.#connection) return
    this.#connection = {}
    this.#read()
    for (const sent of this.#outbox) this.#deliver(sent)
  }

  cut(): void {
    this.#connection = undefined
    for (const reject of this.#open) reject(new ChatError('OFFLINE', 'cut'))
    this.#open.clear()
  }

  send(place: DraftPlace): void {
    const body = this.text(place)
    if (body === '') return
    const { clientMessageId } = this.drafts.take(place)
    const sent = { clientMessageId, body, isReply: place.parentId != null }
    this.#outbox.push(sent)
    this.#setPending()
    this.#deliver(sent)
  }

  /** What a stream says arrives in its order, on the connection on which it was said. */
  hear(stream: Stream, what: () => void): void {
    const connection = this.#connection
    if (!connection) return
    this.#world.inOrder(`${stream}>${this.#tab.name}`, this.#tab, () => {
      if (this.#connection === connection) what()
    })
  }

  receive(event: (device: DraftDevice) => void): void {
    const apply = (): void => event(this)
    if (this.#early) this.#early.push(apply)
    else apply()
  }

  showMessages(): void {
    const { messages: all } = this.#server
    const common = {
      channelId,
      revision: 1,
      authorIdentity: this.#store.getSnapshot().channels.get(channelId)!.membership.identity,
    }
    const messages = all.map(
      ({ isReply, ...sent }, index) => ({ ...sent, ...common, isShownInChannel: !isReply, index }) as never,
    )
    this.#store.apply(messages.map((message) => messageChange(message, [0, all.length - 1])))
    const isThere = ({ clientMessageId }: Sent): boolean =>
      this.#server.messages.some((sent) => sent.clientMessageId === clientMessageId)
    this.#outbox.splice(0, Infinity, ...this.#outbox.filter((sent) => !isThere(sent)))
    this.#setPending()
  }

  #look(): void {
    for (const place of places) {
      this.shown.add(this.text(place))
      this.shown.add(this.theirs(place) ?? '')
    }
  }

  #setPending(): void {
    const items = this.#outbox.map((sent): OutboxItem => ({
      id: Number(sent.clientMessageId.split('-').at(-1)),
      channelId,
      createdAt: 0,
      action: { kind: 'send', clientMessageId: sent.clientMessageId, body: sent.body },
      isTried: false,
      status: 'pending',
      error: null,
    }))
    this.#store.apply([{ kind: 'outbox', items }])
  }

  #read(): void {
    this.#early = []
    this.#ask(() => this.#server.drafts).then(
      (drafts) => {
        this.showMessages()
        this.drafts.replace(drafts)
        const early = this.#early ?? []
        this.#early = undefined
        for (const event of early) event()
      },
      () => {},
    )
  }

  #deliver(sent: Sent): void {
    this.#ask(() => this.#server.send(sent)).catch(() => {})
  }

  #request(document: string, input: SaveDraftInput): Promise<unknown> {
    return this.#ask(() => {
      if (document === DeleteDraftDocument) return this.#server.remove(this, input)
      if (document === SaveDraftDocument) return { saveDraft: { draft: this.#server.save(this, input) } }
      throw new Error('another document')
    })
  }

  /** Where the connection is lost before the answer, the server may have done it. */
  #ask<Result>(action: () => Result): Promise<Result> {
    const connection = this.#connection
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    if (!connection) {
      reject(new ChatError('OFFLINE', 'not connected'))
      return promise
    }
    this.#open.add(reject)
    this.#world.after(this.#world.delay(200), () => {
      if (this.#connection !== connection) return
      let answer: () => void
      try {
        const result = action()
        answer = () => resolve(result)
      } catch (error) {
        answer = () => reject(error as Error)
      }
      this.#world.after(this.answerMilliseconds, () => this.hear(`answer ${(this.#answers += 1)}`, answer))
    })
    return promise
  }
}
