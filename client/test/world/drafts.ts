import { ChatError } from '../../src/errors.ts'
import { DeleteDraftDocument, SaveDraftDocument } from '../../src/graphql/generated/documents.ts'
import type { SaveDraftInput } from '../../src/graphql/generated/types.ts'
import { Log } from '../../src/log.ts'
import type { SavedDraft } from '../../src/modules/later-draft.ts'
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
}

/** What the server has of the one draft, naively. */
export class DraftServer {
  readonly place: { readonly channelId: string; readonly parentId: string | null }
  readonly devices: DraftDevice[] = []
  readonly messages: Sent[] = []
  /** Each text that was saved or sent. */
  readonly texts = new Set<string>()
  /** Who has replaced what it never showed. */
  readonly silent: string[] = []
  #row: SavedDraft | undefined
  #isRemoved = false

  constructor(parentId: string | null) {
    this.place = { channelId, parentId }
  }

  get draft(): SavedDraft | undefined {
    const isSent = this.messages.some(({ clientMessageId }) => clientMessageId === this.#row?.clientMessageId)
    return this.#isRemoved || isSent ? undefined : this.#row
  }

  save(device: DraftDevice, input: SaveDraftInput): SavedDraft {
    const { body, clientMessageId, expectedVersion, mentions, quotedMessageId = null, showInChannel } = input
    this.#check(device, expectedVersion, body)
    const draft = {
      ...this.place,
      body,
      clientMessageId,
      mentionedIdentities: mentions?.identities ?? [],
      mentionsChannel: mentions?.channel ?? false,
      quotedMessageId,
      showInChannel: showInChannel ?? false,
      version: (this.#row?.version ?? 0) + 1,
    }
    this.#row = draft
    this.#isRemoved = false
    this.texts.add(body)
    this.#tell((each) => each.receive({ draft }))
    return draft
  }

  remove(device: DraftDevice, expectedVersion: number | null | undefined): void {
    this.#check(device, expectedVersion, '')
    if (!this.draft) return
    this.#isRemoved = true
    this.#tell((each) => each.receive({ draft: null }))
  }

  send(sent: Sent): void {
    if (this.messages.some(({ clientMessageId }) => clientMessageId === sent.clientMessageId)) return
    this.messages.push(sent)
    this.texts.add(sent.body)
    this.#tell((each) => each.showMessages())
  }

  #check(device: DraftDevice, expected: number | null | undefined, body: string): void {
    const current = this.draft?.version ?? 0
    if (expected !== current) throw new ChatError('CONFLICT', 'changed', { currentVersion: current })
    const before = this.draft?.body ?? ''
    if (!device.shown.has(before) && !body.startsWith(before)) this.silent.push(`${before} by ${body}`)
  }

  #tell(what: (device: DraftDevice) => void): void {
    for (const device of this.devices) device.hear(() => what(device))
  }
}

/** A device of the user with one tab. */
export class DraftDevice {
  readonly drafts: Drafts
  /** What its user has seen. */
  readonly shown = new Set<string>([''])
  readonly #tab: ScriptedTab
  readonly #world: World
  readonly #server: DraftServer
  readonly #store: Store
  readonly #outbox: Sent[] = []
  readonly #open = new Set<(error: Error) => void>()
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

  get text(): string {
    return this.drafts.get(this.#server.place)
  }

  get quoted(): string | null {
    return this.drafts.find(this.#server.place)?.quotedMessageId ?? null
  }

  get theirs(): string | null {
    return this.drafts.find(this.#server.place)?.theirs ?? null
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

  send(): void {
    const body = this.text
    if (body === '') return
    const { clientMessageId } = this.drafts.take(this.#server.place)
    const sent = { clientMessageId, body }
    this.#outbox.push(sent)
    this.#setPending()
    this.#deliver(sent)
  }

  /** What the server says arrives in its order, on the connection on which it was said. */
  hear(what: () => void): void {
    const connection = this.#connection
    if (!connection) return
    this.#world.inOrder(`server>${this.#tab.name}`, this.#tab, () => {
      if (this.#connection === connection) what()
    })
  }

  receive({ draft }: { readonly draft: SavedDraft | null }): void {
    const apply = (): void => (draft ? this.drafts.receive(draft) : this.drafts.remove(this.#server.place))
    if (this.#early) this.#early.push(apply)
    else apply()
  }

  showMessages(): void {
    const { messages: all, place } = this.#server
    const common = {
      channelId,
      revision: 1,
      authorIdentity: this.#store.getSnapshot().channels.get(channelId)!.membership.identity,
      isShownInChannel: place.parentId === null,
    }
    const messages = all.map((sent, index) => ({ ...sent, ...common, index }) as never)
    this.#store.apply(messages.map((message) => messageChange(message, [0, all.length - 1])))
    const isThere = ({ clientMessageId }: Sent): boolean =>
      this.#server.messages.some((sent) => sent.clientMessageId === clientMessageId)
    this.#outbox.splice(0, Infinity, ...this.#outbox.filter((sent) => !isThere(sent)))
    this.#setPending()
  }

  #look(): void {
    this.shown.add(this.text)
    if (this.theirs !== null) this.shown.add(this.theirs)
  }

  #setPending(): void {
    const items = this.#outbox.map((sent): OutboxItem => ({
      id: Number(sent.clientMessageId.split('-').at(-1)),
      channelId,
      createdAt: 0,
      action: { kind: 'send', ...sent },
      isTried: false,
      status: 'pending',
      error: null,
    }))
    this.#store.apply([{ kind: 'outbox', items }])
  }

  #read(): void {
    this.#early = []
    this.#ask(() => this.#server.draft).then(
      (draft) => {
        this.showMessages()
        this.drafts.replace(draft ? [draft] : [])
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
      if (document === DeleteDraftDocument) return this.#server.remove(this, input.expectedVersion)
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
      this.hear(answer)
    })
    return promise
  }
}
