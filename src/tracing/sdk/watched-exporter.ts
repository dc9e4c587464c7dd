import { ExportResultCode, type ExportResult } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'

interface Reports {
  /** The first batch that could not be sent. */
  readonly away: (error: unknown) => void
  /** The first that could be sent again, and how many spans were not. */
  readonly back: (dropped: number) => void
}

/** Says once that the collector is away, and once that it is back. */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter
  readonly #reports: Reports
  #dropped = 0
  /** What fails from then on is said by the stop. */
  isClosing = false

  constructor(exporter: SpanExporter, reports: Reports) {
    this.#exporter = exporter
    this.#reports = reports
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) this.#onFailure(spans.length, result.error)
      else if (this.#dropped > 0) {
        this.#reports.back(this.#dropped)
        this.#dropped = 0
      }
      done(result)
    })
  }

  #onFailure(spans: number, error: Error | undefined): void {
    if (this.#dropped === 0 && !this.isClosing) this.#reports.away(error ?? new Error('the collector does not answer'))
    this.#dropped += spans
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.()
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }
}
