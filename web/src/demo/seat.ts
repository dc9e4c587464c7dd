import type { PageClient } from '../chat/live/page-client.ts'
import type { Person } from '../chat/model.ts'

/** A person of the demo with a client of its own. */
export interface Seat {
  readonly person: Person
  readonly client: PageClient
  /** A token of this person. Rejects where the server gives none. */
  readonly token: () => Promise<string>
}
