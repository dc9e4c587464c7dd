import { validate, version } from 'uuid'
import type { Actor } from '../../model/actor.ts'
import { badInput, notFound } from '../../model/error.ts'
import { known } from '../../model/known.ts'
import { limits } from '../../model/limits.ts'
import { parsePage, readPage, type Page, type PageArgs, type PageOf } from '../../model/page.ts'
import { requireOperator, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import type { AllAnswers, KnownProcess } from '../process-calls.ts'
import {
  compareIds,
  connectionProtocols,
  isCloseAnswer,
  isListAnswer,
  type CloseAnswer,
  type CloseQuestion,
  type ConnectionProtocol,
  type ConnectionRow,
  type ListAnswer,
  type ListQuestion,
} from './connections.ts'

/** A connection of any process. */
export interface LiveConnection extends Omit<ConnectionRow, 'protocol'> {
  readonly processId: string
  readonly protocol: ConnectionProtocol | null
}

interface ConnectionFilter {
  readonly serviceId?: string | null | undefined
  readonly identity?: string | null | undefined
  readonly processId?: string | null | undefined
  readonly connectionId?: string | null | undefined
}

interface ConnectionList {
  readonly page: PageOf<LiveConnection>
  /** How many connections pass the filter, in the processes that have answered. */
  readonly totalCount: number
  readonly silent: readonly KnownProcess[]
}

/**
 * Open connections of all processes, in the order in which they were opened. Each process is asked for no more than one page, and has half a second.
 * Needs the backend of the server's own account. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listConnections(
  app: App,
  actor: Actor,
  { serviceId, identity, processId, connectionId }: ConnectionFilter,
  args: PageArgs,
): Promise<ConnectionList> {
  requireOperator(app, actor)
  const page = parsePage(actor, args, parseCursor)
  if (page.size > limits.connectionPageSize)
    throw badInput(`a page size must be from 1 to ${limits.connectionPageSize}`, args.first == null ? 'last' : 'first')
  const service = serviceId == null ? undefined : await requireService(app, actor, serviceId)
  const asked = async (part: Page<string>): Promise<AllAnswers<ListAnswer>> => {
    const { after, before, backwards, size } = part
    const question: ListQuestion = {
      ask: 'connections',
      serviceId: service?.id,
      identity: identity ?? undefined,
      id: connectionId?.toLowerCase(),
      after,
      before,
      backwards,
      size: size + 1,
    }
    return app.processCalls.askAll<ListAnswer>(question, isListAnswer, {
      only: processId ?? undefined,
      // There is no other with this id.
      isEnough: ({ count }) => connectionId != null && count > 0,
    })
  }
  if (connectionId != null) assertConnectionId(connectionId)
  if (processId != null && !app.processCalls.knows(processId)) throw notFound('the process', undefined, 'processId')
  const first = await asked(page)
  const totalCount = first.answers.values().reduce((sum, { count }) => sum + count, 0)
  let isFirst = true
  return {
    page: await readPage(
      page,
      async (part) => {
        const answers = isFirst ? first : await asked(part)
        isFirst = false
        return merge(answers, part)
      },
      ({ id }) => id,
    ),
    totalCount,
    silent: connectionId != null && totalCount > 0 ? [] : first.silent,
  }
}

function merge({ answers }: AllAnswers<ListAnswer>, { backwards, size }: Page<string>): LiveConnection[] {
  const all = [...answers].flatMap(([processId, { connections }]) =>
    connections.map((each) => ({ ...each, protocol: known(connectionProtocols, each.protocol), processId })),
  )
  const direction = backwards ? -1 : 1
  return all.toSorted((one, other) => direction * compareIds(one.id, other.id)).slice(0, size + 1)
}

const isConnectionId = (text: string): boolean => validate(text) && version(text) === 7

function assertConnectionId(id: string): void {
  if (!isConnectionId(id)) throw badInput('connectionId must be the id of a connection', 'connectionId')
}

function parseCursor(cursor: string, field: string): string {
  if (!isConnectionId(cursor)) throw badInput('the cursor is malformed', field)
  return cursor.toLowerCase()
}

/**
 * Closes a connection, in whichever process it is, in such a way that its client comes back. Answers whether it was found.
 * Needs the backend of the server's own account. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function closeConnection(
  app: App,
  actor: Actor,
  id: string,
): Promise<{ wasFound: boolean; silent: readonly KnownProcess[] }> {
  requireOperator(app, actor)
  assertConnectionId(id)
  const question: CloseQuestion = { ask: 'closeConnection', id: id.toLowerCase() }
  const isEnough = ({ wasFound }: CloseAnswer): boolean => wasFound
  const { answers, silent } = await app.processCalls.askAll<CloseAnswer>(question, isCloseAnswer, { isEnough })
  const wasFound = answers.values().some(isEnough)
  // Where it was found, nobody waited for the others.
  return { wasFound, silent: wasFound ? [] : silent }
}

/** When a connection was opened. */
export function openedAt({ id }: Pick<LiveConnection, 'id'>): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16))
}
