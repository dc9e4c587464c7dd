import { deferred } from '../deferred.ts'
import type { Clock, Env } from '../env/types.ts'
import { ChatError } from '../errors.ts'
import { createStores, type StoreName } from './schema.ts'

export interface DatabaseOptions {
  readonly name: string
  readonly env: Pick<Env, 'clock' | 'databases'>
}

export interface Work {
  readonly stores: readonly StoreName[]
  readonly mode: IDBTransactionMode
  /** `strict` waits for the disk; `relaxed` survives a crash of the browser, though not of the machine. */
  readonly durability?: 'relaxed' | 'strict'
}

export interface Transaction {
  store(name: StoreName): IDBObjectStore
  /** Calls back with what a request read. */
  read<Result>(request: IDBRequest<Result>, callback: (result: Result) => void): void
  /** Undoes the transaction: `run` rejects with this error. */
  refuse(error: Error): void
}

const openMilliseconds = 5000
const transactionMilliseconds = 10_000

/** A connection to one IndexedDB database: opened when first used, and once more where the browser closes it under us. */
export class Database {
  readonly #options: DatabaseOptions
  #connection: Promise<IDBDatabase> | undefined
  #end: ChatError | undefined

  constructor(options: DatabaseOptions) {
    this.#options = options
  }

  /**
   * Runs a transaction, and rejects with a ChatError: UNAVAILABLE when the device fails, CLOSED after the end. `body` makes all its requests at once or in the callbacks of others: no promise can stand between, since a transaction
   * ends while one waits. Resolves with what the returned function gives after the transaction has completed.
   */
  async run<Result>(work: Work, body: (transaction: Transaction) => () => Result): Promise<Result> {
    try {
      return await this.#attempt(work, body)
    } catch (error) {
      if (!this.#end && isLost(error)) {
        // Browsers cut the connections of hidden tabs.
        this.#connection = undefined
        return this.#attempt(work, body).catch(asChatError)
      }
      return asChatError(error)
    }
  }

  /** Ends it: what runs completes, everything later rejects with CLOSED. */
  async close(reason = 'the local copy is closed'): Promise<void> {
    this.#end ??= new ChatError('CLOSED', reason)
    const connection = await this.#connection?.catch(() => undefined)
    connection?.close()
  }

  /** Deletes the database, and resolves with whether it is gone: it is not while another tab has it open, and goes when that tab closes it. */
  async remove(): Promise<boolean> {
    const { name, env } = this.#options
    await this.close()
    return deleteDatabase(name, env)
  }

  async #attempt<Result>(work: Work, body: (transaction: Transaction) => () => Result): Promise<Result> {
    if (this.#end) throw this.#end
    const connection = await (this.#connection ??= this.#open())
    const { stores, mode, durability = 'relaxed' } = work
    const transaction = connection.transaction(stores as StoreName[], mode, { durability })
    const { promise, resolve, reject } = deferred<Result>()
    let refusal: unknown
    const refuse = (error: unknown): void => {
      refusal ??= error
      reject(error)
      // Without this what was asked for before would be kept. It throws when the transaction has ended.
      try {
        transaction.abort()
      } catch {}
    }
    const guard = <Argument>(callback: (argument: Argument) => void, argument: Argument): void => {
      if (refusal !== undefined) return
      try {
        callback(argument)
      } catch (error) {
        refuse(error)
      }
    }
    let result: (() => Result) | undefined
    transaction.oncomplete = () => resolve(result!())
    transaction.onabort = () => reject(transaction.error ?? new DOMException('cut', 'InvalidStateError'))
    guard((handle) => (result = body(handle)), {
      store: (name: StoreName) => transaction.objectStore(name),
      read: (request, callback) => (request.onsuccess = () => guard(callback, request.result)),
      refuse,
    } as Transaction)
    return inTime(this.#options.env.clock, transactionMilliseconds, promise, () =>
      refuse(new ChatError('UNAVAILABLE', 'the device did not answer in time')),
    )
  }

  #open(): Promise<IDBDatabase> {
    const { name, env } = this.#options
    const { promise, resolve, reject } = deferred<IDBDatabase>()
    if (!env.databases) throw new ChatError('UNAVAILABLE', 'the device keeps nothing')
    const request = env.databases.open(name, 1)
    request.onupgradeneeded = () => createStores(request.result)
    request.onerror = () => reject(request.error)
    let isLate = false
    request.onsuccess = () => {
      const connection = request.result
      if (isLate || this.#end) connection.close()
      connection.onversionchange = () => {
        connection.close()
        // Deleted by another tab: the user signed out there.
        void this.close('the local copy was removed')
      }
      connection.onclose = () => (this.#connection = undefined)
      resolve(connection)
    }
    return inTime(env.clock, openMilliseconds, promise, () => {
      isLate = true
      reject(new ChatError('UNAVAILABLE', 'the device did not open the local copy in time'))
    })
  }
}

function asChatError(error: unknown): never {
  if (error instanceof ChatError) throw error
  throw new ChatError('UNAVAILABLE', 'the device does not keep the local copy', { cause: error })
}

/** Whether the connection is gone, and not only this transaction. */
const isLost = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'InvalidStateError' || error.name === 'UnknownError')

/** Deletes a database, but does not wait for tabs that have it open. Resolves with whether it is gone. */
export async function deleteDatabase(name: string, { databases, clock }: DatabaseOptions['env']): Promise<boolean> {
  const { promise, resolve } = deferred<boolean>()
  const request = databases!.deleteDatabase(name)
  request.onsuccess = () => resolve(true)
  request.onerror = () => resolve(false)
  return inTime(clock, openMilliseconds, promise, () => resolve(false))
}

/** Calls `onLate` when the promise takes too long. A device that slept meanwhile is given the time once more. */
function inTime<Result>(
  clock: Clock,
  milliseconds: number,
  promise: Promise<Result>,
  onLate: () => void,
): Promise<Result> {
  const began = clock.now()
  let cancel = clock.after(milliseconds, () => {
    if (clock.now() - began < 2 * milliseconds) onLate()
    else cancel = clock.after(milliseconds, onLate)
  })
  return promise.finally(() => cancel())
}
