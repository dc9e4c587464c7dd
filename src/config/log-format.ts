import type { DestinationStream } from 'pino'
import type { Config } from './config.ts'

/** Where the log is written: as JSON, or for people. What makes it readable is loaded only for that. */
export async function openLogDestination({ LOG_FORMAT }: Pick<Config, 'LOG_FORMAT'>): Promise<DestinationStream> {
  const isPretty = LOG_FORMAT === 'pretty' || (LOG_FORMAT === 'auto' && process.stdout.isTTY)
  if (!isPretty) return process.stdout
  const { prettyFactory } = await import('pino-pretty')
  const toText = prettyFactory({ colorize: process.stdout.isTTY, translateTime: 'SYS:HH:MM:ss.l' })
  return { write: (line) => void process.stdout.write(toText(line)) }
}
