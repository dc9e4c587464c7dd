import { vi } from 'vitest'

// Runs before each file, in a process that other files may have used.
vi.resetModules()
