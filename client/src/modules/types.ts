import type { HandleContext } from '../handles/context.ts'

/** A part of the client that not every application needs. What `create` returns stands at the client under the module’s name. */
export interface Module<Name extends string = string, Api extends object = object> {
  readonly name: Name
  readonly create: (context: HandleContext) => Api
}

/** What modules add to the client, by their names. */
export type ModulesOf<Modules extends readonly Module[]> = {
  readonly [One in Modules[number] as One['name']]: ReturnType<One['create']>
}
