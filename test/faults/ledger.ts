/**
 * What became of a call, as far as its caller knows: `unknown` is every answer that leaves it open, and no answer. `refused` has
 * certainly not happened.
 */
export type Fate = 'pending' | 'acknowledged' | 'unknown' | 'refused'

interface Version {
  readonly body: string
  fate: Fate
}

/** One message as its sender, its editor and its deleter know it. */
export class KnownMessage {
  /** The sending and then all edits, one after the other. */
  readonly versions: Version[]
  readonly clientMessageId: string | undefined
  id: string | undefined
  index: number | undefined
  deletion: Fate | undefined

  constructor(body: string, clientMessageId: string | undefined) {
    this.versions = [{ body, fate: 'pending' }]
    this.clientMessageId = clientMessageId
  }

  get sent(): Version {
    return this.versions[0]!
  }

  /** The version below which it cannot be any more. */
  get certain(): number {
    return this.versions.findLastIndex(({ fate }) => fate === 'acknowledged')
  }

  /** Whether it may read so, for who asked when it was certain to be at least this version. */
  mayRead(body: string, since = this.certain): boolean {
    return this.versions.some((version, at) => at >= since && version.fate !== 'refused' && version.body === body)
  }
}

export interface KnownMembership {
  readonly identity: string
  /** What was last asked for. */
  wants: 'in' | 'out'
  fate: Fate
  /** How often anything was asked for. */
  changes: number
}

/** One channel with all that clients were answered of it. */
export class KnownChannel {
  readonly id: string
  readonly serviceId: string
  /** Whether webhooks are notified of what happens in it. */
  readonly isHooked: boolean
  readonly messages: KnownMessage[] = []
  /** Those that were acknowledged, in the order in which they were. */
  readonly standing: KnownMessage[] = []
  readonly memberships: KnownMembership[] = []
  /** When which writes were asked for, for the first time, and acknowledged. */
  readonly acknowledged: { readonly what: string; readonly askedAt: number; readonly at: number }[] = []

  constructor(id: string, serviceId: string, isHooked: boolean) {
    this.id = id
    this.serviceId = serviceId
    this.isHooked = isHooked
  }

  acknowledge(what: string, askedAt: number): void {
    this.acknowledged.push({ what, askedAt, at: performance.now() })
  }

  /** The longest time between two acknowledged sends, from one moment to another. */
  longestSilence(from: number, to: number): number {
    const sends = this.acknowledged.filter(({ what, at }) => what === 'send' && at > from && at < to)
    const times = sends.map(({ at }) => at)
    return Math.max(...[from, ...times].map((at, number) => (times[number] ?? to) - at))
  }
}

/** Every fifth message is for the deleter, all others are for the editor: so each knows what it did. */
export function isToBeDeleted(index: number): boolean {
  return index % 5 === 0
}
