import { setTimeout as delay } from 'node:timers/promises'
import { monotonicNow } from './probe.ts'
import type { Sender } from './sender.ts'
import { body } from './servers.ts'

/** Sends at even times whatever the answers do, and keeps how long each took. */
export class Flow {
  readonly waits: { readonly at: number; readonly took: number }[] = []
  readonly #senders: readonly Sender[]
  readonly #channels: readonly string[]
  readonly #perSecond: number
  readonly #onSent: (channel: number, index: number) => void
  readonly highest: number[]
  readonly failures: string[] = []
  #isOver = false
  #running: Promise<void> = Promise.resolve()

  constructor(
    senders: readonly Sender[],
    channels: readonly string[],
    perSecond: number,
    onSent: (channel: number, index: number) => void,
  ) {
    this.#senders = senders
    this.#channels = channels
    this.#perSecond = perSecond
    this.#onSent = onSent
    this.highest = channels.map(() => -1)
  }

  start(): void {
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    const began = performance.now()
    const sends: Promise<void>[] = []
    while (!this.#isOver) {
      const due = ((performance.now() - began) / 1000) * this.#perSecond
      while (sends.length < due) sends.push(this.#send(sends.length))
      await delay(2)
    }
    await Promise.all(sends)
  }

  async #send(number: number): Promise<void> {
    const channel = number % this.#channels.length
    const query = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }'
    const input = { channelId: this.#channels[channel], body, clientMessageId: crypto.randomUUID() }
    const began = monotonicNow()
    try {
      const [answer] = await this.#senders[number % this.#senders.length]!.run([{ query, variables: { input } }])
      this.waits.push({ at: began, took: monotonicNow() - began })
      const index = answer!['sendMessage'].message.index as number
      this.highest[channel] = Math.max(this.highest[channel]!, index)
      this.#onSent(channel, index)
    } catch (error) {
      this.failures.push(String(error))
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }
}
