import SchemaBuilder from '@pothos/core'
import { vi } from 'vitest'

// Runs before each file, in a process that other files may have used.
vi.resetModules()
// The library stays, and with it the plugin that a file before has registered.
SchemaBuilder.allowPluginReRegistration = true
