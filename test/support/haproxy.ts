import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeScratch } from './scratch.ts'
import { startServerProcess } from './server-process.ts'

/** HAProxy with these settings. */
export async function startHaproxy(settings: string): Promise<AsyncDisposable> {
  const scratch = await makeScratch()
  try {
    const file = join(scratch.path, 'haproxy.cfg')
    await writeFile(file, settings)
    await chmod(file, 0o644)
    // As a master, which says when it is ready.
    const args = ['-W', '-db', '-f', file]
    const server = await startServerProcess({ scratch, command: '/usr/sbin/haproxy', args, ready: 'Loading success' })
    return {
      [Symbol.asyncDispose]: async () => {
        await server.end('SIGTERM')
        await scratch[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await scratch[Symbol.asyncDispose]()
    throw error
  }
}
