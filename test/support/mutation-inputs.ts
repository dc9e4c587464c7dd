import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
} from 'graphql'
import { onTestFinished } from 'vitest'
import {
  ConnectionsDocument,
  JobDocument,
  ScheduleMessageDocument,
  WebhookDeliveriesDocument,
} from '../../schema/generated/graphql.ts'
import { sidToUuid, type JobId } from '../../src/model/sid.ts'
import { ConsolePage } from './console.ts'
import { uniqueName, type Kit, type User } from './kit.ts'
import { waitFor } from './wait.ts'

export type Values = Record<string, unknown>

/** A mutation that is called with `$input`. */
export const mutationOf = (name: string, field: string): string => {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`
  return `mutation ($input: ${type}!) { ${name}(input: $input) { ${field} } }`
}

export const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString()

/** Inputs with which a backend can call any mutation that it may call: what their fields name is made first, by a caller who is not recorded. */
export class MutationInputs {
  readonly #kit: Kit
  readonly #user: User
  /** What a field of an input names. */
  readonly #makers: Readonly<Record<string, () => unknown>>
  /** What a mutation needs beside, or in place of, the fields that the schema says are required. */
  readonly #more: Readonly<Record<string, () => Promise<Values>>>

  /** The service of the user has an address for ON_MESSAGE_SENT. */
  constructor(kit: Kit, user: User) {
    this.#kit = kit
    this.#user = user
    const { identity } = user
    const task = { deleteUsers: { filter: { identityPrefix: 'nobody' } } }
    const role = () => this.make('createRole', 'role', { friendlyName: 'role', type: 'CHANNEL', permissions: [] })
    const message = () => this.#makeMessage()
    const member = async () => this.make('addMember', 'member', { channelId: (await kit.channel()).id, identity })
    this.#makers = {
      channelId: async () => (await kit.channel([user])).id,
      messageId: message,
      parentId: message,
      memberId: member,
      inviteId: async () => this.make('createInvite', 'invite', { channelId: (await kit.channel()).id, identity }),
      identity: async () => {
        const other = uniqueName('bob')
        await this.make('createUser', 'user', { identity: other })
        return other
      },
      userId: () => this.make('createUser', 'user', { identity: uniqueName('user') }),
      roleId: role,
      serviceId: () => this.make('createService', 'service', { friendlyName: 'service' }),
      apiKeyId: () => this.make('createApiKey', 'apiKey', {}),
      credentialId: () => this.make('createCredential', 'credential', { type: 'FCM', secret: 'secret' }),
      keywordRuleId: () =>
        this.make('createKeywordRule', 'keywordRule', { name: uniqueName('rule'), action: 'FLAG', words: ['word'] }),
      scheduledMessageId: () => this.#schedule(),
      webhookDeliveryId: () => this.#deliver(),
      connectionId: () => this.#connect(),
      consoleSessionId: async () => (await ConsolePage.open(kit.server)).sessionId,
      jobId: () => this.#makeJob(task),
      permissions: () => ['sendMessage'],
      name: () => uniqueName('name'),
      sendAt: inAnHour,
    }
    const streamed = async (): Promise<string> => {
      const { id: channelId } = await kit.channel()
      return this.make('sendMessage', 'message', { channelId, body: 'begun', isStreaming: true })
    }
    const renamed = async () => ({ friendlyName: 'renamed' })
    this.#more = {
      appendToMessage: async () => ({ messageId: await streamed(), offset: 5 }),
      finishMessage: async () => ({ messageId: await streamed() }),
      cancelMessage: async () => ({ messageId: await streamed() }),
      createUser: async () => ({ identity: uniqueName('made') }),
      createCredential: async () => ({ type: 'FCM', secret: 'secret' }),
      createKeywordRule: async () => ({ words: ['word'] }),
      removeMember: async () => ({ memberId: await member() }),
      updateMember: async () => ({ memberId: await member(), roleId: await role() }),
      updateApiKey: renamed,
      updateChannel: renamed,
      updateCredential: async () => ({ secret: 'another' }),
      updateKeywordRule: async () => ({ words: ['another'] }),
      updateService: renamed,
      updateUser: renamed,
      updateMessage: async () => ({ body: 'edited' }),
      sendTestWebhook: async () => ({ event: 'ON_MESSAGE_SENT' }),
      startJob: async () => ({ task }),
    }
  }

  /** The input of a mutation, whose argument has this type. */
  async inputOf(mutation: string, type: GraphQLInputType): Promise<Values> {
    return this.#valueOf(type, 'input', await this.#more[mutation]?.()) as Promise<Values>
  }

  /** Calls a mutation. Answers the SID of what it makes. */
  async make(name: string, field: string, input: Values): Promise<string> {
    const data = await this.#kit.backend.request<Record<string, Record<string, { id: string }>>, Values>(
      mutationOf(name, `${field} { id }`),
      { input },
    )
    return data[name]![field]!.id
  }

  async #valueOf(type: GraphQLInputType, name: string, given: Values = {}): Promise<unknown> {
    const maker = this.#makers[name]
    if (maker) return maker()
    const inner = getNullableType(type)
    if (isListType(inner)) return [await this.#valueOf(inner.ofType, name)]
    if (isEnumType(inner)) return inner.getValues()[0]!.name
    if (isInputObjectType(inner)) {
      const values = { ...given }
      for (const field of Object.values(inner.getFields())) {
        if (isNonNullType(field.type)) values[field.name] ??= await this.#valueOf(field.type, field.name)
      }
      return values
    }
    const scalars: Values = { Int: 1, Boolean: true, DateTime: new Date().toISOString() }
    return scalars[String(inner)] ?? 'any'
  }

  async #makeMessage(): Promise<string> {
    const { id } = await this.#kit.channel([this.#user])
    return (await this.#user.send(id, 'said')).id
  }

  async #schedule(): Promise<string> {
    const { id: channelId } = await this.#kit.channel([this.#user])
    const input = { channelId, body: 'later', sendAt: inAnHour() }
    const { scheduleMessage } = await this.#user.request(ScheduleMessageDocument, { input })
    return scheduleMessage.scheduledMessage.id
  }

  async #deliver(): Promise<string> {
    await this.#makeMessage()
    const { webhookDeliveries } = await this.#kit.backend.request(WebhookDeliveriesDocument, { first: 1 })
    return webhookDeliveries!.edges[0]!.node.id
  }

  async #connect(): Promise<string> {
    const client = this.#user.connect({ lazy: false, onNonLazyError: () => {} })
    onTestFinished(() => void client.dispose())
    const { identity } = this.#user
    const mine = async () => (await this.#kit.backend.request(ConnectionsDocument, { identity })).connections!.nodes
    await waitFor(async () => (await mine()).length > 0)
    return (await mine())[0]!.id
  }

  /** A job that waits: one that has something to do would end while it is looked at. */
  async #makeJob(task: Values): Promise<string> {
    const id = await this.make('startJob', 'job', { task })
    await waitFor(async () => (await this.#kit.backend.request(JobDocument, { id })).job!.state === 'DONE')
    await this.#kit.store.maintenance.run(
      `UPDATE jobs SET state = 'queued', ended_at = NULL, due_at = now() + interval '1 hour' WHERE id = $1`,
      [sidToUuid(id as JobId)],
    )
    return id
  }
}
