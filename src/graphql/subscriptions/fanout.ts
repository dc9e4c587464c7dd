import {
  GraphQLError,
  OperationTypeNode,
  TypeInfo,
  execute,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql'
import { collectFields } from 'graphql/execution/collectFields.js'
import type { App } from '../../domain/app.ts'
import type { Rendering, Sink, FeedEvent } from '../../domain/realtime/group.ts'
import { Stream } from '../../domain/realtime/stream.ts'
import { UserStream } from '../../domain/realtime/user-stream.ts'
import { retryWhileUnavailable } from '../../domain/retry.ts'
import type { Lease, Share } from '../../domain/share.ts'
import type { Actor, Audience, Backend } from '../../model/actor.ts'
import type { Position } from '../../model/cursor.ts'
import { ChatError } from '../../model/error.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { Context } from '../schema/context.ts'
import { documentLimits, eventPointsOf, findEventCost, pointsOf } from '../schema/cost.ts'
import { toCallerError } from '../schema/errors.ts'
import type { EventRoot, UserEventRoot } from '../schema/refs.ts'
import { Frame, type FormattedResult } from './frame.ts'
import type { StreamField } from './subscription.ts'
import type { UserStreamField } from './user-subscription.ts'

/** What is executed, whoever asks: the arguments of an execution. */
export interface Operation {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined
}

/** What is behind a subscription: a stream of channels, or one of a user. */
export type OpenStream = Stream<Frame> | UserStream<Frame>

/**
 * Opens the stream behind a subscription, or answers why it cannot be. No subscriber has an execution of its own: those of a channel
 * with the same document, variables and authority form a group, and an event is executed and serialised once for the group, under the
 * authority of "any member of the channel". A selection with a field that depends on its viewer puts its subscriber in a group of its own.
 */
export async function openSubscription(
  operation: Operation,
  context: Context,
  sink: Sink<Frame>,
  onEnd: (reason: ChatError) => void,
  gone: AbortSignal,
): Promise<OpenStream | readonly GraphQLError[]> {
  const { app, share } = context
  let lease: Lease | undefined
  // What nobody waits for any more takes no room from what its caller asks for next.
  const onGone = (): void => lease?.end()
  gone.addEventListener('abort', onGone)
  try {
    const select = () => selectField(operation, context)
    const selected = await (share ? share.run(0, select) : select())
    if (Array.isArray(selected)) return selected.map((error) => toCallerError(error, app.logger))
    const selection = selected as Selection
    const assertHere = (): void => {
      if (gone.aborted) throw new ChatError('UNAVAILABLE', 'the connection has closed')
    }
    const open = () => {
      assertHere()
      return openSelection(operation, context, selection, { sink, lease, onEnd })
    }
    if (!share) return await open()
    assertHere()
    lease = share.openSubscription(selection.points)
    return await share.runPatiently(selection.openingPoints, open)
  } catch (error) {
    lease?.end()
    return [toCallerError(error, app.logger)]
  } finally {
    gone.removeEventListener('abort', onGone)
  }
}

interface Opening {
  readonly sink: Sink<Frame>
  readonly lease: Lease | undefined
  readonly onEnd: (reason: ChatError) => void
}

async function openSelection(
  operation: Operation,
  context: Context,
  { field, args, isPerViewer, key, points }: Selection,
  { sink, lease, onEnd }: Opening,
): Promise<OpenStream> {
  const { app, share, viewer } = context
  const ofUser = field.extensions['userStream'] as UserStreamField | undefined
  if (ofUser) {
    return UserStream.open(app, viewer, {
      ...args,
      ...ofUser,
      sink,
      lease,
      onEnd,
      render: (event) => {
        const render = () => executeEvent(operation, { event }, () => new Context(app, viewer))
        return share ? share.runPatiently(points, render) : render()
      },
    })
  }
  const { mode, eventTypes } = field.extensions['stream'] as StreamField
  return Stream.open(app, viewer, {
    request: { ...args, mode },
    sink,
    share,
    lease,
    onEnd,
    rendering: (channel, authority) => {
      return new SelectionRendering(operation, {
        key: `${key}|${authorityKey(authority)}${isPerViewer && viewer.kind === 'user' ? viewer.userId : ''}`,
        points,
        eventTypes,
        channelId: channel.id,
        app,
        actor: isPerViewer ? viewer : authority,
      })
    },
    onReady: eventTypes
      ? undefined
      : async (starts) => {
          const root: EventRoot = { event: { type: 'ready' }, starts }
          sink.write(await executeEvent(operation, root, () => new Context(app, viewer)))
        },
  })
}

interface Selection {
  readonly field: GraphQLField<unknown, Context>
  readonly args: Record<string, unknown>
  readonly isPerViewer: boolean
  readonly key: string
  /** Of one event. */
  readonly points: number
  readonly openingPoints: number
}

/** The one root field of the operation, which validation has made sure of, and what identifies its selection. */
function selectField(operation: Operation, context: Context): Selection | readonly GraphQLError[] {
  const { schema, document, operationName } = operation
  const definition = getOperationAST(document, operationName)
  if (definition?.operation !== OperationTypeNode.SUBSCRIPTION) return [new GraphQLError('not a subscription')]
  const variables = getVariableValues(schema, definition.variableDefinitions ?? [], operation.variableValues ?? {}, {
    maxErrors: documentLimits.variableErrors,
  })
  if (variables.errors) return variables.errors
  const costErrors = findEventCost(operation, context)
  if (costErrors.length > 0) return costErrors
  const type = schema.getSubscriptionType()!
  const fields = collectFields(schema, fragmentsOf(document), variables.coerced, type, definition.selectionSet)
  const nodes = fields.values().next().value
  const node = nodes?.[0]
  const field = node && type.getFields()[node.name.value]
  if (!node || !(field?.extensions['stream'] ?? field?.extensions['userStream']))
    return [new GraphQLError('the subscription selects nothing')]
  return {
    field,
    args: getArgumentValues(field, node, variables.coerced),
    isPerViewer: isPerViewer(schema, document),
    key: `${documentKey(document)}|${operationName ?? ''}|${selectionVariables(node, document, variables.coerced)}`,
    points: eventPointsOf(operation),
    openingPoints: pointsOf(operation),
  }
}

function fragmentsOf(document: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments: Record<string, FragmentDefinitionNode> = {}
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') fragments[definition.name.value] = definition
  }
  return fragments
}

const documentKeys = new WeakMap<DocumentNode, number>()
let documents = 0

function documentKey(document: DocumentNode): number {
  let key = documentKeys.get(document)
  if (key === undefined) {
    key = ++documents
    documentKeys.set(document, key)
  }
  return key
}

/**
 * The variables that shape the result. Those of the root field's own arguments only say which channel and where to begin, and
 * would put every client that resumes in a group of its own.
 */
function selectionVariables(
  root: FieldNode,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): string {
  const rootArguments = new Set<unknown>(root.arguments)
  const used = new Set<string>()
  visit(document, {
    Argument: (node) => (rootArguments.has(node) ? false : undefined),
    VariableDefinition: () => false,
    Variable: (node) => {
      used.add(node.name.value)
    },
  })
  if (used.size === 0) return ''
  return JSON.stringify(Object.entries(variables).filter(([name]) => used.has(name)))
}

const perViewer = new WeakMap<DocumentNode, boolean>()

function isPerViewer(schema: GraphQLSchema, document: DocumentNode): boolean {
  let found = perViewer.get(document)
  if (found === undefined) {
    found = false
    const types = new TypeInfo(schema)
    const enter = (): void => {
      if (types.getFieldDef()?.extensions['perViewer']) found = true
    }
    visit(document, visitWithTypeInfo(types, { Field: { enter } }))
    perViewer.set(document, found)
  }
  return found
}

/** The backend of an account sees what its members see and more, so the two never share. */
function authorityKey(authority: Backend | Audience): string {
  return authority.kind === 'backend' ? authority.accountId : authority.serviceId
}

/**
 * A group renders for all with what its first subscriber brought, and may outlive it by far: this holds nothing of that one's
 * connection.
 */
class SelectionRendering implements Rendering<Frame> {
  readonly key: string
  readonly points: number
  readonly #eventTypes: StreamField['eventTypes']
  readonly #channelId: string
  readonly #app: App
  readonly #actor: Actor
  readonly #operation: Operation

  constructor(
    { schema, document, operationName, variableValues }: Operation,
    options: {
      readonly key: string
      readonly points: number
      /** The events it is for; undefined is for all. */
      readonly eventTypes: StreamField['eventTypes']
      readonly channelId: string
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
    return this.#eventTypes === undefined || (this.#eventTypes as ReadonlySet<string>).has(type)
  }

  render(event: FeedEvent, position: Position, share?: Share): Frame | Promise<Frame> {
    const root = { event, channelId: this.#channelId, position }
    return executeEvent(this.#operation, root, () => new Context(this.#app, this.#actor, { share }))
  }
}

/**
 * Executes a subscription's selection for one event. A frame with nothing but an error in the event's place would be a lost event, and the
 * stream would go on as if nothing were: when the database does not answer what the selection asks of it, this waits until it does, and
 * whatever else leaves nothing of the event is thrown.
 */
function executeEvent(
  operation: Operation,
  rootValue: EventRoot | UserEventRoot,
  createContext: () => Context,
): Frame | Promise<Frame> {
  const { schema, document, operationName, variableValues } = operation
  const run = (contextValue: Context) =>
    execute({ schema, document, operationName, variableValues, rootValue, contextValue } as never)
  const context = createContext()
  const toFrame = (done: ExecutionResult): Frame => {
    const result = formatResult(done, context)
    if (result.data != null) return new Frame(result)
    // Never as a refusal of its own: a stream of all channels takes that for having left one.
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
