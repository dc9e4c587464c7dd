import { execute, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql'
import type { App } from '../../domain/app.ts'
import type { EventArrival, FeedEvent, Rendering } from '../../domain/realtime/group.ts'
import { retryWhileUnavailable } from '../../domain/retry.ts'
import type { Share } from '../../domain/share.ts'
import type { Actor } from '../../model/actor.ts'
import { ChatError } from '../../model/error.ts'
import type { ChannelId } from '../../model/sid.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { Context } from '../schema/context.ts'
import { toCallerError } from '../schema/errors.ts'
import type { EventRoot, PresenceEventRoot, UserEventRoot, ViewerEventRoot } from '../schema/refs.ts'
import { Frame, type FormattedResult } from './frame.ts'

/** The arguments of an execution, without its caller. */
export interface Operation {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined
}

/** Renders events for a group. It may outlive the subscriber that brought it, so it holds nothing of a connection. */
export class SelectionRendering implements Rendering<Frame> {
  readonly key: string
  readonly points: number
  readonly #eventTypes: ReadonlySet<FeedEvent['type']>
  readonly #channelId: ChannelId
  readonly #app: App
  readonly #actor: Actor
  readonly #operation: Operation

  constructor(
    { schema, document, operationName, variableValues }: Operation,
    options: {
      readonly key: string
      readonly points: number
      readonly eventTypes: ReadonlySet<FeedEvent['type']>
      readonly channelId: ChannelId
      readonly app: App
      readonly actor: Actor
    },
  ) {
    this.key = options.key
    this.points = options.points
    this.#eventTypes = options.eventTypes
    this.#channelId = options.channelId
    this.#app = options.app
    this.#actor = options.actor
    this.#operation = { schema, document, operationName, variableValues }
  }

  wants(type: FeedEvent['type']): boolean {
    return this.#eventTypes.has(type)
  }

  render(event: FeedEvent, { position, isReplay }: EventArrival, share?: Share): Frame | Promise<Frame> {
    const root = { event, channelId: this.#channelId, position, isReplay }
    return executeEvent(this.#operation, root, () => new Context(this.#app, this.#actor, { share }))
  }
}

/**
 * Executes a subscription's selection for one event. A frame that has an error in place of the event would lose the event without ending
 * the stream. So this waits while the database does not answer, and throws when anything else leaves nothing of the event.
 */
export function executeEvent(
  operation: Operation,
  rootValue: EventRoot | UserEventRoot | ViewerEventRoot | PresenceEventRoot,
  createContext: () => Context,
): Frame | Promise<Frame> {
  const { schema, document, operationName, variableValues } = operation
  const run = (contextValue: Context) =>
    execute({ schema, document, operationName, variableValues, rootValue, contextValue } as never)
  const context = createContext()
  const toFrame = (done: ExecutionResult): Frame => {
    const result = formatResult(done, context)
    if (result.data != null) return new Frame(result)
    // Always UNAVAILABLE: a stream of all channels takes FORBIDDEN or NOT_FOUND for a channel that was left or deleted.
    throw new ChatError('UNAVAILABLE', `the subscription failed: ${result.errors?.[0]?.message}`)
  }
  const result = run(context)
  if (!(result instanceof Promise)) return toFrame(result as ExecutionResult)
  return result.then(async (done) => {
    if (!lostConnection(done)) return toFrame(done)
    const again = await retryWhileUnavailable(
      async () => {
        const retried = await run(createContext())
        const lost = lostConnection(retried)
        if (lost) throw lost
        return retried
      },
      () => true,
    )
    return toFrame(again!)
  })
}

function lostConnection({ errors }: ExecutionResult): Error | undefined {
  return errors?.map(({ originalError }) => originalError ?? undefined).find(isUnavailable)
}

function formatResult({ data, errors }: ExecutionResult, { app }: Context): FormattedResult {
  if (!errors) return { data }
  return {
    ...(data !== undefined && { data }),
    errors: errors.map((error) => toCallerError(error, app.logger).toJSON()),
  }
}
