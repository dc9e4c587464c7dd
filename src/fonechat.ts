#!/usr/bin/env node
import { runProgram } from './cli/run.ts'

// The reader of the output is gone, as in `fonechat migrate | head`. The work goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const code = await runProgram(process.argv.slice(2))
// What runs on, as a server does, sets its own.
if (code !== undefined) process.exitCode = code
