import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { openDb, type Db, type DbOptions } from './db.ts'
import { lockDirectory } from './directory-lock.ts'

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
  close(): Promise<void>
}

export type EmbeddedOptions = Pick<DbOptions, 'onStatement'> & {
  /** A dumped data directory (a tar archive) to begin from. */
  readonly image?: Uint8Array<ArrayBuffer> | undefined
}

/** Opens the database in `directory`, or one in memory when none is given. */
export async function openEmbedded(directory: string | undefined, options: EmbeddedOptions = {}): Promise<Embedded> {
  const home = directory === undefined ? undefined : await prepareDirectory(directory)
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: { dataDirectory: home?.data, image: options.image },
  })
  try {
    await workerReady(worker)
  } catch (error) {
    await worker.terminate()
    await home?.unlock()
    throw error
  }
  const db = openDb('postgres://postgres@embedded/postgres', {
    poolSize: 1,
    onStatement: options.onStatement,
    socket: () => protocolStream(worker),
  })
  return {
    db,
    finishFirstStart: async () => {
      if (home) await writeFile(home.marker, '')
    },
    close: async () => {
      await db.close()
      const exited = new Promise((resolve) => worker.once('exit', resolve))
      worker.postMessage('close')
      await exited
      await home?.unlock()
    },
  }
}

/** PGlite does not survive a kill while it creates its files: without the marker they are thrown away. */
async function prepareDirectory(directory: string) {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unlock = await lockDirectory(directory)
  const data = join(directory, 'pgdata')
  const marker = join(directory, 'pgdata.complete')
  if (!existsSync(marker)) await rm(data, { recursive: true, force: true })
  return { data, marker, unlock }
}

function workerReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => {
      worker.removeListener('error', reject)
      resolve()
    })
    worker.once('error', reject)
  })
}

function protocolStream(worker: Worker): Duplex {
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
      done(error)
    },
  })
  worker.on('message', receive)
  worker.once('error', (error) => stream.destroy(error))
  worker.once('exit', () => stream.destroy())
  // The driver ends only what says it is open, as a socket does.
  return Object.assign(stream, { readyState: 'open' })
}
