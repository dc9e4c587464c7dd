import type { Client } from '@fonechat/client'
import type { Edits } from '@fonechat/client/edits'
import type { Later } from '@fonechat/client/later'
import type { Mentioned } from '@fonechat/client/mentions'
import type { People } from '@fonechat/client/people'
import type { Pins } from '@fonechat/client/pins'
import { useClient } from '@fonechat/client/react'
import type { Search } from '@fonechat/client/search'
import type { Threads } from '@fonechat/client/threads'

/** The client with the modules that this page uses. */
export type PageClient = Client & {
  readonly people: People
  readonly search: Search
  readonly pins: Pins
  readonly edits: Edits
  readonly later: Later
  readonly mentions: Mentioned
  readonly threads: Threads
}

/** The client of the pane. */
export const usePageClient = (): PageClient => useClient() as PageClient
