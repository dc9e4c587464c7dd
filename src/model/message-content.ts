/** What a draft or a scheduled message will say, as it is stored: checked like a message's own. */
export interface MessageContent {
  readonly body: string
  /** JSON text. */
  readonly attributes: string
  /** SID of the message that it replies to. */
  readonly parentId?: string | undefined
  readonly showInChannel?: boolean | undefined
  readonly quotedMessageId?: string | undefined
  readonly silent?: boolean | undefined
  readonly mentions?: { readonly identities: readonly string[]; readonly channel: boolean } | undefined
}
