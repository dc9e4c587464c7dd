import type { Env } from '../env/types.ts'
import { protocolVersion, type Envelope, type Message } from './protocol.ts'

export interface TabChannelOptions {
  readonly open: NonNullable<Env['openBroadcast']>
  readonly name: string
  /** Id of this tab. */
  readonly self: string
  readonly onMessage: (message: Message, from: string) => void
  /** A tab with newer code speaks on this channel. */
  readonly onNewer: () => void
}

/** The channel between the tabs of a user. */
export class TabChannel {
  readonly #options: TabChannelOptions
  #channel: BroadcastChannel
  #heardItself: (() => void) | undefined

  constructor(options: TabChannelOptions) {
    this.#options = options
    this.#channel = this.#open()
  }

  /** Throws a DataCloneError for what cannot be copied. */
  post(message: Message, to?: string): void {
    this.#channel.postMessage(this.#envelope(message, to))
  }

  /** Calls back when what another channel of this tab says arrives here, and the other way round. */
  test(onWorks: () => void): () => void {
    const { open, name, self } = this.#options
    const other = open(name)
    this.#heardItself = () => this.post({ kind: 'echo' }, `${self}'`)
    other.onmessage = ({ data }: MessageEvent<Envelope>) => {
      if (data.to === `${self}'`) onWorks()
    }
    other.postMessage(this.#envelope({ kind: 'echo' }, self))
    return () => other.close()
  }

  reopen(): void {
    this.close()
    this.#channel = this.#open()
  }

  close(): void {
    this.#channel.onmessage = null
    this.#channel.close()
  }

  #envelope(message: Message, to?: string): Envelope {
    return { version: protocolVersion, from: this.#options.self, message, ...(to === undefined ? {} : { to }) }
  }

  #open(): BroadcastChannel {
    const { open, name, self, onMessage, onNewer } = this.#options
    const channel = open(name)
    channel.onmessage = ({ data }: MessageEvent<Envelope>) => {
      const { version, from, to, message } = data
      if (version > protocolVersion) return onNewer()
      // Whatever it is, it has this version in it.
      if (version < protocolVersion) return this.post({ kind: 'echo' }, from)
      if (to !== undefined && to !== self) return
      if (message.kind === 'echo') this.#heardItself?.()
      else onMessage(message, from)
    }
    return channel
  }
}
