import fc from 'fast-check'
import { beforeEach } from 'vitest'
import { seed } from './seed.ts'

// Runs before each file. What fast-check says of a failure is not there when a test runs out of time.
fc.configureGlobal({ seed })
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => void process.stdout.write(`SEED=${seed}\n`))
})
