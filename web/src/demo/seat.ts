import type { Client } from '@fonechat/client'
import type { Person } from '../chat/model.ts'

/** A person of the demo with a client of its own. */
export interface Seat {
  readonly person: Person
  readonly client: Client
  /** A token of this person. Rejects where the server gives none. */
  readonly token: () => Promise<string>
}
