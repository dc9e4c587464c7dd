import { spawnSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeScratch } from '../support/scratch.ts'

/** A file system of its own that can be filled up. Only root can make one. */
export interface Volume extends AsyncDisposable {
  readonly path: string
  fill(): void
  makeRoom(): void
}

export async function mountVolume(megabytes: number): Promise<Volume> {
  const scratch = await makeScratch()
  run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'none', scratch.path])
  const ballast = join(scratch.path, 'ballast')
  return {
    path: scratch.path,
    fill: () => {
      const { bavail, bsize } = statfsSync(scratch.path)
      writeFileSync(ballast, Buffer.alloc(bavail * bsize))
    },
    makeRoom: () => rmSync(ballast, { force: true }),
    // Unmounted with it.
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  }
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, [...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`)
}
