import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { firstLine } from '../support/first-line.ts'
import { makeScratch } from '../support/scratch.ts'

const openProgram = fileURLToPath(import.meta.resolve('../support/open-directory.ts'))
const faultProgram = fileURLToPath(import.meta.resolve('../support/engine-fault.ts'))

describe('an embedded engine', () => {
  async function strike(fault: 'hang' | 'full') {
    await using scratch = await makeScratch()
    const directory = join(scratch.path, 'data')
    const first = spawn(process.execPath, [openProgram, directory, 'finish'])
    const exited = once(first, 'exit')
    await firstLine(first)
    first.stdin.end()
    await exited
    const child = spawn(process.execPath, [faultProgram, directory, fault])
    const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr)])
    expect(complaint).toBe('')
    return JSON.parse(output) as Record<'acknowledged' | 'stored', number[]> & { faults: string[]; struckFor: number }
  }

  test('that is hung by a statement is ended at its deadline, opened again, and has lost nothing', async () => {
    const { acknowledged, stored, faults } = await strike('hang')
    expect(faults[0]).toBe('DEADLINE')
    expect(acknowledged).toContain(100)
    expect(stored).toEqual(acknowledged)
  }, 60_000)

  test('that cannot write its log refuses at once, loses nothing, and goes on when it can', async () => {
    const { acknowledged, stored, faults, struckFor } = await strike('full')
    expect(faults.length).toBeGreaterThan(0)
    expect(faults).not.toContain('DEADLINE')
    expect(struckFor).toBeLessThan(40_000)
    expect(acknowledged).toContain(100)
    // What was refused with an unknown outcome may stand.
    expect(stored).toEqual(expect.arrayContaining(acknowledged))
  }, 90_000)
})
