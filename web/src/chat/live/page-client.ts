import type { Client } from '@fonechat/client'
import type { People } from '@fonechat/client/people'

/** The client with the modules that this page uses. */
export type PageClient = Client & { readonly people: People }
