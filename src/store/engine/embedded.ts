import { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { Connection, type OnStatement } from './connection.ts'
import { openDataDirectory } from './data-directory.ts'
import { createDb, type Db } from './db.ts'
import { DatabaseFault } from './fault.ts'
import { loopNow } from './loop-clock.ts'
import { Pool } from './pool.ts'
import { openServerSocket, type Answer } from './server-socket.ts'
import { StatementFigures } from './statement-figures.ts'

/**
 * The embedded engine: PGlite, which is Postgres compiled to WebAssembly, in a thread of its own, because it blocks the event loop
 * while it works. What travels between the threads is the Postgres wire protocol, so driver, statements and errors are the
 * same as with a server; the thread stands where the socket would be.
 *
 * One connection: statements queue behind an open transaction. Safe against the death of the process, not of the power.
 */
export interface Embedded {
  readonly db: Db
  /** Marks the first start as complete. Until then the next start begins again from nothing. */
  finishFirstStart(): Promise<void>
  /** Answers commands of the operator from now on, which reach this process by its data directory. */
  answerCalls(answer: Answer): void
  /** Whether the folder is a backup that no new history has begun in yet. */
  readonly isBackup: boolean
  /** To be called when one has. */
  forgetBackup(): void
  /** Keeps servers from starting on the folder again: all that it has is in another database now. */
  markMoved(place: string): void
  close(): Promise<void>
}

export interface EmbeddedOptions {
  readonly onStatement?: OnStatement | undefined
  /** A dumped data directory (a tar archive) to begin from. */
  readonly image?: Uint8Array<ArrayBuffer> | undefined
  /** How long a statement may take, in milliseconds, before the thread is ended. */
  readonly statementTimeout?: number | undefined
  /** Called before a database is made from nothing, which takes seconds. When it throws, none is made. */
  readonly onFirstStart?: (() => void) | undefined
}

/**
 * How long things may take, in milliseconds. One connection serves all, so waiting for it may take longer than with a pool; the engine
 * knows no deadline of its own, and opening it again takes seconds.
 */
const timeouts = { connect: 60_000, pool: 10_000, statement: 20_000, total: 30_000, close: 10_000 }

/** Opens the database in `directory`, or one in memory when none is given. */
export async function openEmbedded(directory: string | undefined, options: EmbeddedOptions = {}): Promise<Embedded> {
  const home = directory === undefined ? undefined : await openDataDirectory(directory)
  const engine = new Engine({ dataDirectory: home?.data, image: options.image })
  try {
    if (home?.isNew) options.onFirstStart?.()
    await engine.start()
  } catch (error) {
    home?.unlock()
    throw error
  }
  const figures = new StatementFigures()
  const connectOnce = () => connect(engine, figures, options)
  const pool = new Pool({ size: 1, timeout: timeouts.pool, figures, connect: connectOnce })
  const db = createDb(pool, timeouts, { isSingle: true })
  // The engine does nothing of its own: while nobody else can have the one connection, its files stay as they are.
  let answer: Answer | undefined
  const closeSocket =
    directory === undefined
      ? undefined
      : await openServerSocket(directory, {
          hold: (work) =>
            pool.use(loopNow() + timeouts.total, async (connection) => {
              const result = await work()
              if (connection.isLost) throw new Error('the engine has ended meanwhile')
              return result
            }),
          answer: () => answer,
        })
  return {
    db,
    finishFirstStart: async () => {
      home?.finish()
    },
    answerCalls: (given) => {
      answer = given
    },
    isBackup: home?.isBackup === true,
    forgetBackup: () => home?.forgetBackup(),
    markMoved: (place) => home?.markMoved(place),
    close: async () => {
      engine.isClosing = true
      closeSocket?.()
      await db.close()
      await engine.close()
      home?.unlock()
    },
  }
}

async function connect(
  engine: Engine,
  figures: StatementFigures,
  { onStatement, statementTimeout }: EmbeddedOptions,
): Promise<Connection> {
  try {
    const connection = new Connection(await engine.connect(), 'embedded', {
      address: { user: 'postgres', password: '', database: 'postgres' },
      parameters: { application_name: 'fonechat', TimeZone: 'UTC' },
      prepare: true,
      figures,
      statementTimeout: statementTimeout ?? timeouts.statement,
    })
    connection.onStatement = onStatement
    return connection
  } catch (error) {
    throw new DatabaseFault('CONNECT_FAILED', 'none', 'the embedded database cannot be opened', { cause: error })
  }
}

interface EngineData {
  readonly dataDirectory: string | undefined
  readonly image: Uint8Array<ArrayBuffer> | undefined
}

/**
 * The engine's thread and the one connection to it. There is a single session: the next connection would inherit what a lost one
 * leaves behind, such as an open transaction or a statement that never ends. So the thread ends with its connection, and the next
 * connection starts another.
 */
class Engine {
  isClosing = false
  readonly #data: EngineData
  #worker: Worker | undefined
  #isConnected = false
  /** Settles when the last thread has ended: two on one directory would destroy it. */
  #ended: Promise<unknown> = Promise.resolve()

  constructor(data: EngineData) {
    this.#data = data
  }

  async start(): Promise<void> {
    await this.#hasEnded()
    if (this.isClosing) throw new Error('the embedded database is closed')
    const worker = new Worker(new URL('../../../bin/embedded-worker.js', import.meta.url), { workerData: this.#data })
    this.#ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.on('error', ignored)
    this.#worker = worker
    try {
      await workerReady(worker)
    } catch (error) {
      await worker.terminate()
      throw error
    }
  }

  async connect(): Promise<Duplex> {
    if (this.#isConnected) {
      if (this.#data.dataDirectory === undefined) throw new Error('the database was in memory, and is gone')
      await this.start()
    }
    this.#isConnected = true
    const worker = this.#worker!
    return protocolStream(worker, () => {
      if (!this.isClosing) void worker.terminate()
    })
  }

  /** Waits with a limit: a thread that waits in the system for a disk that does not answer cannot be ended. */
  async #hasEnded(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = new Error('the thread of the embedded database cannot be ended')
      timer = setTimeout(() => reject(error), timeouts.close)
    })
    await Promise.race([this.#ended, late]).finally(() => clearTimeout(timer))
  }

  async close(): Promise<void> {
    this.#worker?.postMessage('close')
    const timer = setTimeout(() => void this.#worker?.terminate(), timeouts.close / 2)
    await this.#hasEnded().finally(() => clearTimeout(timer))
  }
}

/** Faults of the thread reach its waiting callers and its connection; without either, one must not end the process. */
const ignored = (): void => {}

function workerReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (work: () => void) => (): void => {
      clearTimeout(timer)
      worker.off('message', onReady).off('error', reject).off('exit', onExit)
      work()
    }
    const onReady = settle(resolve)
    const onExit = settle(() => reject(new Error('the thread of the embedded database has ended')))
    const timer = setTimeout(
      settle(() => reject(new Error('the embedded database does not open'))),
      timeouts.connect,
    )
    worker.once('message', onReady).once('error', reject).once('exit', onExit)
  })
}

function protocolStream(worker: Worker, onEnd: () => void): Duplex {
  const receive = (bytes: Uint8Array): void => {
    stream.push(bytes)
  }
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      worker.postMessage(Uint8Array.from(chunk))
      done()
    },
    final(done) {
      done()
      stream.destroy()
    },
    destroy(error, done) {
      worker.off('message', receive)
      onEnd()
      done(error)
    },
  })
  worker.on('message', receive)
  worker.once('error', (error) => stream.destroy(error))
  worker.once('exit', () => stream.destroy())
  // The driver ends only a stream whose `readyState` is open, as a socket's.
  return Object.assign(stream, { readyState: 'open' })
}
