import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { execute, parse, type DocumentNode, type ExecutionResult } from 'graphql'
import type { Succeeded } from '../../schema/succeeded.ts'
import { schema } from '../../src/graphql/schema.ts'
import { Context } from '../../src/graphql/schema/context.ts'
import type { Backend } from '../../src/model/actor.ts'
import { newSid, type ConsoleSessionId } from '../../src/model/sid.ts'
import type { Kit } from './kit.ts'

/** An operator in a session of the console, below the transport. */
export class Operator {
  readonly #kit: Kit
  readonly actor: Backend & { readonly consoleSessionId: ConsoleSessionId }

  constructor(kit: Kit, consoleSessionId = newSid('CS')) {
    this.#kit = kit
    const { accountId } = kit.server.account
    this.actor = { kind: 'backend', accountId, consoleSessionId, address: '203.0.113.7' }
  }

  /** The whole answer, errors included. */
  async ask(document: DocumentNode | string, variableValues: Record<string, unknown>): Promise<ExecutionResult> {
    return execute({
      schema,
      document: typeof document === 'string' ? parse(document) : document,
      variableValues,
      contextValue: new Context(this.#kit.server.app, this.actor),
    })
  }

  /** The data, as JSON has it; an error is a failure of the test. */
  async request<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables & Record<string, unknown>,
  ): Promise<Succeeded<Data>> {
    const { data, errors } = await this.ask(document, variables)
    if (errors || !data) throw new Error(`refused: ${JSON.stringify(errors)}`)
    return JSON.parse(JSON.stringify(data)) as Succeeded<Data>
  }
}
