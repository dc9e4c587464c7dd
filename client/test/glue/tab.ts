import type { ShownMessage } from './documents.ts'

/** A chat window on a stock client with the glue: one channel, its newest five messages at first, and events. */
export interface ChatTab {
  /** Each list that was shown, in order, as texts. */
  readonly shown: readonly (readonly string[])[]
  readonly errors: readonly unknown[]
  messages(): readonly ShownMessage[]
  loadOlder(): Promise<void>
  readAround(index: number): Promise<readonly string[]>
  /** Reads the newest page apart from the window, whose own reading would keep it from showing anything else. */
  readBeside(): Promise<void>
  readAgain(): Promise<void>
  send(text: string, clientMessageId: string): Promise<void>
  edit(message: ShownMessage, text: string): Promise<void>
  remove(message: ShownMessage): Promise<void>
  close(): Promise<void>
}
