import { ChatError } from '../errors.ts'
import type { Change } from '../store/change.ts'
import type { Calls } from './calls.ts'
import { TabChannel } from './channel.ts'
import { Election } from './election.ts'
import type { ExpectedOutcomes } from './expected.ts'
import { Follower } from './follower.ts'
import { Leader } from './leader.ts'
import { Probe } from './probe.ts'
import { fromPlain, isFromLeader, type Message, type ToFollowers } from './protocol.ts'
import { reload } from './reload.ts'
import type { Replacements } from './replacements.ts'
import { SeenHere } from './seen.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { HostOptions, Kept, Means } from './types.ts'

export interface VisitOptions extends HostOptions {
  readonly kept: Kept
  /** Undefined for a tab that shares nothing: it leads from the start. */
  readonly means: Means | undefined
  /** Id of this tab. */
  readonly self: string
  readonly calls: Calls
  readonly outcomes: ExpectedOutcomes
  readonly subscriptions: Subscriptions
  readonly replacements: Replacements
  readonly isWanted: () => boolean
  readonly setWanted: (isWanted: boolean) => void
  /** This tab has all that the leader has. */
  readonly onLevel: () => void
  /** This tab can share no longer. */
  readonly onAlone: (reason: string, error?: unknown) => void
  /** The user signed out in another tab. */
  readonly onSignedOut: () => void
}

/** Terms that may be lost one after the other while this tab holds the lock, before it queues again. */
const maxLostTerms = 3
/** Until then a tab that was robbed has heard of it. */
const robbedMilliseconds = 200

/** What a tab is to the others from when it comes until it goes: a follower, or the leader. */
export class Visit {
  readonly #options: VisitOptions
  readonly #channel: TabChannel | undefined
  readonly #election: Election | undefined
  #leader: Leader | undefined
  #follower: Follower | undefined
  #seen: SeenHere | undefined
  #probe: Probe | undefined
  #term = 0
  #lostTerms = 0
  /** Another object after each change of what this tab is: what began before ends without effect. */
  #turn: object = {}
  #cancelTimer: (() => void) | undefined

  constructor(options: VisitOptions) {
    this.#options = options
    const { means, name, self, onAlone } = options
    if (!means) {
      void this.#lead()
      return
    }
    this.#channel = new TabChannel({
      open: means.openBroadcast,
      name,
      self,
      onMessage: (message, from) => this.#receive(message, from),
      onNewer: () => onAlone('another tab has a newer version'),
    })
    this.#election = new Election({
      locks: means.locks,
      name,
      onElected: () => void this.#lead(),
      onRobbed: () => this.#follow(),
      onRefused: (error) => onAlone('the browser gives no lock', error),
    })
    this.#follow()
  }

  get leader(): Leader | undefined {
    return this.#leader
  }

  get follower(): Follower | undefined {
    return this.#follower
  }

  post(message: Message): void {
    this.#channel?.post(message)
  }

  /** Something is wanted of the leader: is it there? */
  ask(): void {
    this.#probe?.ask()
  }

  end(): void {
    this.stop()
    this.#election?.leave()
    this.#channel?.close()
  }

  /** Does nothing more, and keeps the others from leading until it ends. */
  stop(): object {
    this.#cancelTimer?.()
    this.#probe?.stop()
    this.#seen?.stop()
    this.#follower?.stop()
    this.#leader?.stop()
    this.#leader = this.#follower = this.#seen = this.#probe = undefined
    this.#options.subscriptions.follow(undefined)
    return (this.#turn = {})
  }

  #follow(): void {
    this.stop()
    const { env, calls, subscriptions, onLevel, onAlone } = this.#options
    const post = (message: Message): void => this.post(message)
    const seen = (this.#seen = new SeenHere(this.#options, post))
    this.#follower = new Follower({
      ...this.#options,
      post,
      onLeader: () => {
        calls.runAgain()
        subscriptions.follow(post)
        seen.say()
      },
      onLevel,
      onFailed: (error) => this.#notKept(error),
    })
    this.#probe = new Probe({
      env,
      channel: this.#channel!,
      onSilence: () => this.#election!.steal(),
      onDeaf: () => onAlone('what other tabs say does not arrive'),
    })
    this.#election!.queue()
    void this.#follower.start()
    if (env.page.isVisible()) this.#probe.ask()
  }

  async #lead(): Promise<void> {
    const turn = this.stop()
    const { env, kept, store, calls, subscriptions, isWanted, outcomes, createEngine, onLevel } = this.#options
    const isNow = (): boolean => this.#turn === turn
    try {
      const term = await kept.copy.takeTerm()
      const changes = await kept.copy.load()
      if (!isNow()) return
      store.apply(reload(store.getSnapshot(), changes))
      const engine = createEngine({
        ...kept,
        onChanges: (batch, isKept) => leader.share(batch, isKept),
        onOutcome: (id, outcome) => {
          outcomes.settle(id, outcome)
          leader.shareOutcome(id, outcome)
        },
        onReplaced: () => void (isNow() && this.#replaced()),
        onNotKept: (error) => void (isNow() && this.#notKept(error)),
      })
      const leader = new Leader({
        ...env,
        term,
        engine,
        store,
        isWanted,
        post: (...sent) => this.#channel?.post(...sent),
      })
      this.#leader = leader
      this.#term = term
      await engine.start()
      if (!isNow()) return
      this.#lostTerms = 0
      leader.ready()
      if (isWanted()) engine.connect()
      calls.runAgain()
      subscriptions.follow(engine)
      onLevel()
    } catch (error) {
      if (isNow()) this.#notKept(error)
    }
  }

  #notKept(error: unknown): void {
    const code = error instanceof ChatError ? error.code : undefined
    if (code === 'CLOSED') return this.#options.onSignedOut()
    if (code !== 'CONFLICT') return this.#options.onAlone('the device keeps nothing', error)
    // Of two tabs that took the lock the later one may have taken its term first.
    const turn = this.stop()
    this.#after(robbedMilliseconds, () => {
      if (this.#turn !== turn) return
      this.#lostTerms += 1
      if (this.#election!.isHeld && this.#lostTerms <= maxLostTerms) void this.#lead()
      else this.#follow()
    })
  }

  #replaced(): void {
    const wait = this.#options.replacements.next()
    if (wait === undefined) void this.#beAnotherDevice()
    else this.#after(wait, () => this.#options.isWanted() && this.#leader?.engine.connect())
  }

  async #beAnotherDevice(): Promise<void> {
    const turn = this.#turn
    const { kept, store, isWanted } = this.#options
    try {
      await kept.copy.clear()
    } catch (error) {
      if (this.#turn === turn) this.#notKept(error)
    }
    if (this.#turn !== turn) return
    const resets = [...store.getSnapshot().channels.keys()].map((channelId): Change => ({ kind: 'reset', channelId }))
    this.#leader?.engine.apply(resets)
    if (isWanted()) this.#leader?.engine.connect()
  }

  #receive(message: Message, from: string): void {
    const { setWanted, isWanted, onSignedOut } = this.#options
    if (message.kind === 'echo') return
    if (message.kind === 'signedOut') return onSignedOut()
    if (message.kind === 'wanted') return setWanted(message.isWanted)
    if (isFromLeader(message)) {
      // A leader that is gone may have said how something ended: that counts also when this tab leads by now.
      this.#hear(message)
      if (!this.#election!.isHeld) return
      // What a tab that was frozen hears first may be that another leads.
      const isRobbed = (message.kind === 'leads' || message.kind === 'batch') && message.term > this.#term
      if (isRobbed && this.#leader) this.#notKept(new ChatError('CONFLICT', 'another tab leads'))
    } else if (this.#leader) {
      this.#leader.receive(message, from)
    } else if (this.#election!.isHeld && message.kind === 'probe') {
      this.post({ kind: 'leads', term: 0, number: 0, isWanted: isWanted() })
    }
  }

  #hear(message: ToFollowers): void {
    const { calls, outcomes, subscriptions, setWanted } = this.#options
    this.#probe?.heard()
    switch (message.kind) {
      case 'accepted':
        return calls.accepted(message.id)
      case 'late':
        return calls.again(message.id)
      case 'answer':
        return calls.settle(message.id, fromPlain(message.outcome))
      case 'outcome':
        outcomes.settle(message.id, fromPlain(message.outcome))
        return this.#follower?.settled(message.id)
      case 'result':
        return subscriptions.receive(message)
      case 'unfollowed':
        return subscriptions.ended(message)
      case 'leads':
        if (this.#follower) setWanted(message.isWanted)
        return this.#follower?.receive(message)
      case 'welcome':
      case 'gone':
      case 'batch':
        return this.#follower?.receive(message)
    }
  }

  #after(milliseconds: number, callback: () => void): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.#options.env.clock.after(milliseconds, callback)
  }
}
