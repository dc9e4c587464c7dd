import { configDefaults, defineConfig } from 'vitest/config'

const unit = 'test/**/*.unit.test.ts'
const faults = 'test/faults/**'
const engineSpecs = {
  include: ['test/**/*.test.ts'],
  exclude: [...configDefaults.exclude, unit, faults],
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    projects: [
      { test: { name: 'unit', include: [unit], exclude: [...configDefaults.exclude, faults] } },
      { test: { ...engineSpecs, name: 'embedded', globalSetup: 'test/support/embedded-setup.ts' } },
      { test: { ...engineSpecs, name: 'cluster', globalSetup: 'test/support/cluster-setup.ts' } },
      { test: { name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 120_000 } },
    ],
  },
})
