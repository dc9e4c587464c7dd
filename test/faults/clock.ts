import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeScratch } from '../support/scratch.ts'
import { systemCommand } from '../support/system-command.ts'

/** The clock of a process, which can be set while it runs; what only ever goes forwards stays as it is. */
export interface Clock extends AsyncDisposable {
  /** What the process is to be started with. */
  readonly environment: Readonly<Record<string, string>>
  /** Puts it before or after the machine's. It is looked at once a second. */
  set(offset: '+1h' | '-1h' | '+0'): void
}

export async function makeClock(): Promise<Clock> {
  const library = findLibrary()
  const scratch = await makeScratch()
  const file = join(scratch.path, 'offset')
  const set: Clock['set'] = (offset) => writeFileSync(file, offset)
  set('+0')
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  }
}

/** Of libfaketime, which comes with its command and stands in the folder of the machine's architecture. */
function findLibrary(): string {
  systemCommand(['faketime'], 'faketime')
  const found = readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketime.so.1'))
    .find((path) => existsSync(path))
  if (found === undefined) throw new Error('the tests need libfaketime, which is not in /usr/lib')
  return found
}
