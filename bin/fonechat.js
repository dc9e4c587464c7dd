#!/usr/bin/env node
import './types.js'

await import('../src/fonechat.ts')
