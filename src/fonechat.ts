#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// The cache is for its owner only, and so is what commands write.
process.umask(0o077)

// Loading takes most of a short command. What is imported here itself is loaded before this.
enableCompileCache()

// The reader of the output is gone, as in `fonechat migrate | head`. The work goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const { runProgram } = await import('./cli/run.ts')
const code = await runProgram(process.argv.slice(2))
// What runs on, as a server does, sets its own.
if (code !== undefined) process.exitCode = code
